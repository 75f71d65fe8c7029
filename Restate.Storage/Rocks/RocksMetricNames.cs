namespace Restate.Storage.Rocks;

/// <summary>Which figures of RocksDB are metrics, under which names. The names are those of Restate without its prefix; dashboards depend on them.</summary>
internal static class RocksMetricNames
{
    /// <summary>Integer properties that are summed over the databases of a component.</summary>
    public static readonly RocksProperty[] OfDatabases =
    [
        new("rocksdb_actual_delayed_write_rate_bytes", "rocksdb.actual-delayed-write-rate", "Rate that writes are throttled to, in bytes per second; 0: not throttled."),
        new("rocksdb_background_errors", "rocksdb.background-errors", "Errors of flushes and compactions."),
        new("rocksdb_is_write_stopped", "rocksdb.is-write-stopped", "Databases in which writes are stopped."),
        new("rocksdb_memory_approx_memtable_readers_bytes", "rocksdb.estimate-table-readers-mem", "Memory of table readers outside the block cache."),
        new("rocksdb_num_running_compactions", "rocksdb.num-running-compactions", "Compactions running now."),
        new("rocksdb_num_running_flushes", "rocksdb.num-running-flushes", "Flushes running now."),
    ];

    /// <summary>Integer properties of each database.</summary>
    public static readonly RocksProperty[] OfFamilies =
    [
        new("rocksdb_compaction_pending", "rocksdb.compaction-pending", "1 when a compaction is wanted."),
        new("rocksdb_estimate_live_data_size_bytes", "rocksdb.estimate-live-data-size", "Estimated size of live data."),
        new("rocksdb_estimate_num_keys", "rocksdb.estimate-num-keys", "Estimated number of keys."),
        new("rocksdb_estimate_pending_compaction_bytes", "rocksdb.estimate-pending-compaction-bytes", "Estimated bytes that compactions have to rewrite."),
        new("rocksdb_estimate_table_readers_mem_bytes", "rocksdb.estimate-table-readers-mem", "Memory of table readers outside the block cache."),
        new("rocksdb_live_blob_file_garbage_size_bytes", "rocksdb.live-blob-file-garbage-size", "Garbage in blob files."),
        new("rocksdb_live_blob_file_size_bytes", "rocksdb.live-blob-file-size", "Size of blob files."),
        new("rocksdb_live_sst_files_size_bytes", "rocksdb.live-sst-files-size", "Size of the table files of the latest version."),
        new("rocksdb_num_deletes_active_mem_table", "rocksdb.num-deletes-active-mem-table", "Deletes in the active memtable."),
        new("rocksdb_num_deletes_imm_mem_tables", "rocksdb.num-deletes-imm-mem-tables", "Deletes in immutable memtables."),
        new("rocksdb_num_entries_active_mem_table", "rocksdb.num-entries-active-mem-table", "Entries in the active memtable."),
        new("rocksdb_num_entries_imm_mem_tables", "rocksdb.num-entries-imm-mem-tables", "Entries in immutable memtables."),
        .. Enumerable.Range(0, 7).Select(level => new RocksProperty(
            $"rocksdb_num_files_at_level{level}", $"rocksdb.num-files-at-level{level}", $"Table files at level {level}.")),
        new("rocksdb_num_immutable_mem_table", "rocksdb.num-immutable-mem-table", "Immutable memtables that are not flushed."),
        new("rocksdb_num_live_versions", "rocksdb.num-live-versions", "Versions that iterators and compactions keep."),
        new("rocksdb_obsolete_sst_files_size_bytes", "rocksdb.obsolete-sst-files-size", "Size of table files that are no longer needed and not yet deleted."),
        new("rocksdb_total_sst_files_size_bytes", "rocksdb.total-sst-files-size", "Size of all table files."),
    ];

    /// <summary>Tickers: <c>rocksdb.a.b</c> becomes <c>rocksdb_a_b_total</c>.</summary>
    public static readonly (string Metric, string Ticker, string Help)[] Tickers =
    [
        .. """
           block.cache.add|Blocks put into the block cache.
           block.cache.bytes.read|Bytes read from the block cache.
           block.cache.bytes.write|Bytes put into the block cache.
           block.cache.data.add|Data blocks put into the block cache.
           block.cache.data.hit|Data blocks found in the block cache.
           block.cache.data.miss|Data blocks not found in the block cache.
           block.cache.filter.add|Filter blocks put into the block cache.
           block.cache.filter.add.redundant|Filter blocks put into the block cache that were in it already.
           block.cache.filter.bytes.insert|Bytes of filter blocks put into the block cache.
           block.cache.filter.hit|Filter blocks found in the block cache.
           block.cache.filter.miss|Filter blocks not found in the block cache.
           block.cache.hit|Blocks found in the block cache.
           block.cache.index.add|Index blocks put into the block cache.
           block.cache.index.add.redundant|Index blocks put into the block cache that were in it already.
           block.cache.index.bytes.insert|Bytes of index blocks put into the block cache.
           block.cache.index.hit|Index blocks found in the block cache.
           block.cache.index.miss|Index blocks not found in the block cache.
           block.cache.miss|Blocks not found in the block cache, which are read from the disk.
           bloom.filter.useful|Reads of a table file that a bloom filter spared.
           bytes.compressed.from|Bytes of blocks before compression.
           bytes.compressed.to|The same blocks after compression.
           bytes.compression_bypassed|Bytes of blocks that were not tried to compress.
           bytes.compression.rejected|Bytes of blocks that were stored as they are because compression gained too little.
           bytes.read|Bytes of values read by key.
           bytes.written|Bytes of keys and values written.
           compact.read.bytes|Bytes that compactions read.
           compact.write.bytes|Bytes that compactions wrote.
           compaction.key.drop.new|Keys that compactions dropped because a newer value was there.
           compaction.key.drop.obsolete|Keys that compactions dropped because they were deleted.
           compaction.key.drop.range_del|Keys that compactions dropped because a range deletion covered them.
           compaction.range_del.drop.obsolete|Range deletions that compactions dropped because nothing was left under them.
           compaction.total.time.cpu_micros|Processor time of compactions, in microseconds.
           db.iter.bytes.read|Bytes of keys and values read by iterators.
           db.mutex.wait.micros|Time waited for the mutex of a database, in microseconds; stays 0 at the level of statistics kept here.
           flush.write.bytes|Bytes that flushes wrote.
           l0.hit|Reads by key answered from level 0.
           l1.hit|Reads by key answered from level 1.
           l2andup.hit|Reads by key answered from level 2 or deeper.
           memtable.garbage.bytes.at.flush|Bytes of memtables that were overwritten or deleted before their flush.
           memtable.hit|Reads by key answered from a memtable.
           memtable.miss|Reads by key that no memtable could answer.
           memtable.payload.bytes.at.flush|Bytes of keys and values in memtables at their flush.
           merge.operation.time.nanos|Time in merge operators, in nanoseconds.
           num.iterator.created|Iterators created.
           num.iterator.deleted|Iterators deleted; created minus deleted are open and keep what they read.
           number.db.next|Steps forward of iterators.
           number.db.seek|Seeks of iterators.
           number.iter.skip|Internal entries that iterators skipped: overwritten, deleted or out of sight.
           number.keys.read|Keys read.
           number.keys.updated|Keys updated in place.
           number.keys.written|Keys written.
           number.reseeks.iteration|Seeks that iterators made to get past many entries of one key.
           stall.micros|Time that writers were held up by write stalls, in microseconds.
           wal.bytes|Bytes written to write-ahead logs.
           wal.synced|Syncs of write-ahead logs.
           write.wal|Writes that went to a write-ahead log.
           """.Split('\n')
            .Select(line => line.Split('|'))
            .Select(parts => ($"rocksdb_{parts[0].Replace('.', '_')}_total", "rocksdb." + parts[0], parts[1])),
    ];

    /// <summary>Histograms; a scale of 10⁻⁶ makes seconds of microseconds.</summary>
    public static readonly (string Metric, string Histogram, double Scale, string Help)[] Histograms =
    [
        ("rocksdb_async_read_bytes", "rocksdb.async.read.bytes", 1, "Bytes of asynchronous reads."),
        ("rocksdb_bytes_per_multiget_bytes", "rocksdb.bytes.per.multiget", 1, "Bytes of values of one read of several keys."),
        ("rocksdb_bytes_per_read_bytes", "rocksdb.bytes.per.read", 1, "Bytes of the value of one read by key."),
        ("rocksdb_bytes_per_write_bytes", "rocksdb.bytes.per.write", 1, "Bytes of one write."),
        ("rocksdb_compaction_times_seconds", "rocksdb.compaction.times.micros", 1e-6, "Duration of compactions."),
        ("rocksdb_db_flush_seconds", "rocksdb.db.flush.micros", 1e-6, "Duration of flushes."),
        ("rocksdb_db_get_seconds", "rocksdb.db.get.micros", 1e-6, "Duration of reads by key."),
        ("rocksdb_db_multiget_seconds", "rocksdb.db.multiget.micros", 1e-6, "Duration of reads of several keys."),
        ("rocksdb_db_seek_seconds", "rocksdb.db.seek.micros", 1e-6, "Duration of seeks of iterators."),
        ("rocksdb_db_write_seconds", "rocksdb.db.write.micros", 1e-6, "Duration of writes."),
        ("rocksdb_db_write_stall_seconds", "rocksdb.db.write.stall", 1e-6, "Time that one write was held up by a write stall."),
        ("rocksdb_num_sst_read_per_level", "rocksdb.num.sst.read.per.level", 1, "Table files that one read of several keys opened at a level."),
        ("rocksdb_poll_wait_seconds", "rocksdb.poll.wait.micros", 1e-6, "Time waited for asynchronous reads."),
        ("rocksdb_read_block_get_seconds", "rocksdb.read.block.get.micros", 1e-6, "Duration of reads of one block, from the disk or its cache."),
        ("rocksdb_read_num_merge_operands", "rocksdb.read.num.merge_operands", 1, "Merge operands of one read."),
        ("rocksdb_sst_batch_size_bytes", "rocksdb.sst.batch.size", 1, "Bytes of the batches that were read for one lookup of several keys."),
        ("rocksdb_sst_read_seconds", "rocksdb.sst.read.micros", 1e-6, "Duration of reads from table files."),
        ("rocksdb_sst_write_seconds", "rocksdb.sst.write.micros", 1e-6, "Duration of writes to table files."),
        ("rocksdb_wal_file_sync_seconds", "rocksdb.wal.file.sync.micros", 1e-6, "Duration of syncs of a write-ahead log."),
    ];
}

/// <summary>An integer property of a database as a gauge.</summary>
/// <param name="Metric">Its name as a metric.</param>
/// <param name="Property">Its name in RocksDB.</param>
/// <param name="Help">What it is.</param>
internal sealed record RocksProperty(string Metric, string Property, string Help)
{
    /// <summary><see cref="Property"/> as RocksDB takes it.</summary>
    public byte[] NullTerminated { get; } = System.Text.Encoding.UTF8.GetBytes(Property + "\0");
}
