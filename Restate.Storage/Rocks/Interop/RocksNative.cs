using System.Runtime.InteropServices;

// Never from the working directory: only from where the application's own native libraries are.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]

namespace Restate.Storage.Rocks.Interop;

/// <summary>
/// The RocksDB C API as far as it is used here. Declared by hand because the package's own binding is emitted at run time (half the
/// speed in scan loops) and picks its library file by itself; with these declarations only one copy of RocksDB is in the process.
/// </summary>
/// <remarks>
/// <c>char** errptr</c> is a <c>ref nint</c> that must be zero on entry; a non-zero value on return is a message to be freed
/// (<see cref="RocksException.ThrowIfError"/>). Booleans are one byte.
/// </remarks>
internal static unsafe partial class RocksNative
{
    private const string Library = "rocksdb";

    // ---- databases -------------------------------------------------------------------------------------------------------------
    [LibraryImport(Library, EntryPoint = "rocksdb_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Open(nint options, string path, ref nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_close")]
    public static partial void Close(nint database);

    [LibraryImport(Library, EntryPoint = "rocksdb_free")]
    public static partial void Free(nint pointer);

    [LibraryImport(Library, EntryPoint = "rocksdb_get")]
    public static partial byte* Get(nint database, nint readOptions, byte* key, nuint keyLength, nuint* valueLength, ref nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_write")]
    public static partial void Write(nint database, nint writeOptions, nint batch, ref nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_flush")]
    public static partial void Flush(nint database, nint flushOptions, ref nint error);

    /// <summary>Null for both keys: the whole database. Blocks until it is done, or until manual compactions are disabled.</summary>
    [LibraryImport(Library, EntryPoint = "rocksdb_compact_range")]
    public static partial void CompactRange(nint database, byte* start, nuint startLength, byte* end, nuint endLength);

    /// <summary>Ends manual compactions that run and waits for them; none starts any more.</summary>
    [LibraryImport(Library, EntryPoint = "rocksdb_disable_manual_compaction")]
    public static partial void DisableManualCompaction(nint database);

    [LibraryImport(Library, EntryPoint = "rocksdb_set_options")]
    public static partial void SetOptions(nint database, int count, byte** keys, byte** values, ref nint error);

    /// <summary>The text is the caller's to free; null when there is no such property.</summary>
    [LibraryImport(Library, EntryPoint = "rocksdb_property_value")]
    public static partial nint PropertyValue(nint database, byte* name);

    [LibraryImport(Library, EntryPoint = "rocksdb_property_int")]
    public static partial int PropertyInt(nint database, byte* name, ulong* value);

    [LibraryImport(Library, EntryPoint = "rocksdb_delete_file_in_range")]
    public static partial void DeleteFilesInRange(nint database, byte* start, nuint startLength, byte* end, nuint endLength, ref nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_snapshot")]
    public static partial nint CreateSnapshot(nint database);

    [LibraryImport(Library, EntryPoint = "rocksdb_release_snapshot")]
    public static partial void ReleaseSnapshot(nint database, nint snapshot);

    // ---- iterators: the hot path. Key, value and valid only read memory, so they may skip the GC transition; next and seek may do I/O
    [LibraryImport(Library, EntryPoint = "rocksdb_create_iterator")]
    public static partial nint CreateIterator(nint database, nint readOptions);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_destroy")]
    public static partial void IteratorDestroy(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_valid")]
    [SuppressGCTransition]
    public static partial byte IteratorValid(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek")]
    public static partial void IteratorSeek(nint iterator, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek_to_first")]
    public static partial void IteratorSeekToFirst(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek_for_prev")]
    public static partial void IteratorSeekForPrevious(nint iterator, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_next")]
    public static partial void IteratorNext(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_key")]
    [SuppressGCTransition]
    public static partial byte* IteratorKey(nint iterator, nuint* length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_value")]
    [SuppressGCTransition]
    public static partial byte* IteratorValue(nint iterator, nuint* length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_get_error")]
    public static partial void IteratorGetError(nint iterator, ref nint error);

    // ---- write batches ---------------------------------------------------------------------------------------------------------
    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_create")]
    public static partial nint WriteBatchCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_destroy")]
    public static partial void WriteBatchDestroy(nint batch);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_clear")]
    public static partial void WriteBatchClear(nint batch);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_put")]
    public static partial void WriteBatchPut(nint batch, byte* key, nuint keyLength, byte* value, nuint valueLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_delete")]
    public static partial void WriteBatchDelete(nint batch, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_delete_range")]
    public static partial void WriteBatchDeleteRange(nint batch, byte* start, nuint startLength, byte* end, nuint endLength);

    // ---- read, write and flush options -----------------------------------------------------------------------------------------
    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_create")]
    public static partial nint ReadOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_destroy")]
    public static partial void ReadOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_set_fill_cache")]
    public static partial void ReadOptionsSetFillCache(nint options, byte value);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_set_snapshot")]
    public static partial void ReadOptionsSetSnapshot(nint options, nint snapshot);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_set_iterate_upper_bound")]
    public static partial void ReadOptionsSetIterateUpperBound(nint options, byte* key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "rocksdb_readoptions_set_read_tier")]
    public static partial void ReadOptionsSetReadTier(nint options, int tier);

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_create")]
    public static partial nint WriteOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_destroy")]
    public static partial void WriteOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_set_sync")]
    public static partial void WriteOptionsSetSync(nint options, byte value);

    [LibraryImport(Library, EntryPoint = "rocksdb_writeoptions_disable_WAL")]
    public static partial void WriteOptionsDisableWal(nint options, int value);

    [LibraryImport(Library, EntryPoint = "rocksdb_flushoptions_create")]
    public static partial nint FlushOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_flushoptions_destroy")]
    public static partial void FlushOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_flushoptions_set_wait")]
    public static partial void FlushOptionsSetWait(nint options, byte value);

    [LibraryImport(Library, EntryPoint = "rocksdb_flushoptions_set_allow_write_stall")]
    public static partial void FlushOptionsSetAllowWriteStall(nint options, byte value);

    // ---- cache, write buffer manager, environment ------------------------------------------------------------------------------
    [LibraryImport(Library, EntryPoint = "rocksdb_lru_cache_options_create")]
    public static partial nint LruCacheOptionsCreate();

    [LibraryImport(Library, EntryPoint = "rocksdb_lru_cache_options_destroy")]
    public static partial void LruCacheOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_lru_cache_options_set_capacity")]
    public static partial void LruCacheOptionsSetCapacity(nint options, nuint bytes);

    [LibraryImport(Library, EntryPoint = "rocksdb_lru_cache_options_set_num_shard_bits")]
    public static partial void LruCacheOptionsSetShardBits(nint options, int bits);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_create_lru_opts")]
    public static partial nint CacheCreateLru(nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_destroy")]
    public static partial void CacheDestroy(nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_set_capacity")]
    public static partial void CacheSetCapacity(nint cache, nuint bytes);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_get_capacity")]
    public static partial nuint CacheGetCapacity(nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_get_usage")]
    public static partial nuint CacheGetUsage(nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_cache_get_pinned_usage")]
    public static partial nuint CacheGetPinnedUsage(nint cache);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_create_with_cache_and_policy")]
    public static partial nint WriteBufferManagerCreate(nuint bytes, nint cache, byte allowStall, int policy);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_destroy")]
    public static partial void WriteBufferManagerDestroy(nint manager);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_set_buffer_size")]
    public static partial void WriteBufferManagerSetSize(nint manager, nuint bytes);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_buffer_size")]
    [SuppressGCTransition]
    public static partial nuint WriteBufferManagerSize(nint manager);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_memory_usage")]
    [SuppressGCTransition]
    public static partial nuint WriteBufferManagerUsage(nint manager);

    [LibraryImport(Library, EntryPoint = "rocksdb_write_buffer_manager_mutable_memtable_memory_usage")]
    [SuppressGCTransition]
    public static partial nuint WriteBufferManagerMutableUsage(nint manager);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_default_env")]
    public static partial nint CreateDefaultEnv();

    [LibraryImport(Library, EntryPoint = "rocksdb_env_destroy")]
    public static partial void EnvDestroy(nint env);

    [LibraryImport(Library, EntryPoint = "rocksdb_env_set_background_threads")]
    public static partial void EnvSetBackgroundThreads(nint env, int count);

    [LibraryImport(Library, EntryPoint = "rocksdb_env_set_high_priority_background_threads")]
    public static partial void EnvSetHighPriorityBackgroundThreads(nint env, int count);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    public static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    public static partial int MallocTrim(nuint pad);
}
