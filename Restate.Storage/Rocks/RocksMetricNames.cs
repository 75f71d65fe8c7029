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
    public static readonly (string Metric, string Ticker)[] Tickers =
    [
        .. """
           block.cache.add block.cache.bytes.read block.cache.bytes.write block.cache.data.add block.cache.data.hit
           block.cache.data.miss block.cache.filter.add block.cache.filter.add.redundant block.cache.filter.bytes.insert
           block.cache.filter.hit block.cache.filter.miss block.cache.hit block.cache.index.add block.cache.index.add.redundant
           block.cache.index.bytes.insert block.cache.index.hit block.cache.index.miss block.cache.miss bloom.filter.useful
           bytes.compressed.from bytes.compressed.to bytes.compression_bypassed bytes.compression.rejected bytes.read bytes.written
           compact.read.bytes compact.write.bytes compaction.key.drop.new compaction.key.drop.obsolete compaction.key.drop.range_del
           compaction.range_del.drop.obsolete compaction.total.time.cpu_micros db.iter.bytes.read db.mutex.wait.micros flush.write.bytes
           l0.hit l1.hit l2andup.hit memtable.garbage.bytes.at.flush memtable.hit memtable.miss memtable.payload.bytes.at.flush
           merge.operation.time.nanos num.iterator.created num.iterator.deleted number.db.next number.db.seek number.iter.skip
           number.keys.read number.keys.updated number.keys.written number.reseeks.iteration stall.micros wal.bytes wal.synced write.wal
           """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(name => ($"rocksdb_{name.Replace('.', '_')}_total", "rocksdb." + name)),
    ];

    /// <summary>Histograms; a scale of 10⁻⁶ makes seconds of microseconds.</summary>
    public static readonly (string Metric, string Histogram, double Scale)[] Histograms =
    [
        ("rocksdb_async_read_bytes", "rocksdb.async.read.bytes", 1),
        ("rocksdb_bytes_per_multiget_bytes", "rocksdb.bytes.per.multiget", 1),
        ("rocksdb_bytes_per_read_bytes", "rocksdb.bytes.per.read", 1),
        ("rocksdb_bytes_per_write_bytes", "rocksdb.bytes.per.write", 1),
        ("rocksdb_compaction_times_seconds", "rocksdb.compaction.times.micros", 1e-6),
        ("rocksdb_db_flush_seconds", "rocksdb.db.flush.micros", 1e-6),
        ("rocksdb_db_get_seconds", "rocksdb.db.get.micros", 1e-6),
        ("rocksdb_db_multiget_seconds", "rocksdb.db.multiget.micros", 1e-6),
        ("rocksdb_db_seek_seconds", "rocksdb.db.seek.micros", 1e-6),
        ("rocksdb_db_write_seconds", "rocksdb.db.write.micros", 1e-6),
        ("rocksdb_db_write_stall_seconds", "rocksdb.db.write.stall", 1e-6),
        ("rocksdb_num_sst_read_per_level", "rocksdb.num.sst.read.per.level", 1),
        ("rocksdb_poll_wait_seconds", "rocksdb.poll.wait.micros", 1e-6),
        ("rocksdb_read_block_get_seconds", "rocksdb.read.block.get.micros", 1e-6),
        ("rocksdb_read_num_merge_operands", "rocksdb.read.num.merge_operands", 1),
        ("rocksdb_sst_batch_size_bytes", "rocksdb.sst.batch.size", 1),
        ("rocksdb_sst_read_seconds", "rocksdb.sst.read.micros", 1e-6),
        ("rocksdb_sst_write_seconds", "rocksdb.sst.write.micros", 1e-6),
        ("rocksdb_wal_file_sync_seconds", "rocksdb.wal.file.sync.micros", 1e-6),
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
