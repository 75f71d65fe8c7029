namespace Restate.Admin.Tests.Dashboards;

/// <summary>
/// What Restate's published dashboards (restatedev/restate, monitoring/grafana, August 2026) ask Prometheus for: names of series and
/// the labels they are chosen by, besides cluster and node. The dashboards themselves are not part of this repository.
/// </summary>
internal static class RestateDashboards
{
    /// <summary>What exists here; the first two feed their variables, without which no panel shows anything.</summary>
    public static IReadOnlyList<string> Present { get; } =
    [
        """restate_failure_detector_nodes_total{cluster_name!="", node_name!="", state="alive"}""",
        """restate_partition_start_total{partition!=""}""",
        "restate_bifrost_replicatedloglet_enqueued_records_total",
        "restate_bifrost_replicatedloglet_read_record_cache_hit_total",
        "restate_bifrost_replicatedloglet_read_record_total",
        """restate_bifrost_sequencer_append_duration_seconds{quantile="0.5"}""",
        """restate_bifrost_sequencer_append_duration_seconds{quantile="0.99"}""",
        "restate_bifrost_sequencer_committed_records_bytes_total",
        "restate_bifrost_sequencer_committed_records_total",
        "restate_num_active_partition_leaders",
        "restate_num_active_partitions",
        "restate_num_partitions",
        """restate_partition_applied_lsn_lag{quantile="0.5"}""",
        """restate_partition_applied_lsn_lag{quantile="0.9"}""",
        """restate_partition_applied_lsn_lag{quantile="0.99"}""",
        """restate_partition_applied_lsn_lag{quantile="1.0"}""",
        """restate_rocksdb_block_cache_hit_total{db=~".+"}""",
        """restate_rocksdb_block_cache_miss_total{db=~".+"}""",
        """restate_rocksdb_compact_read_bytes_total{db=~".+"}""",
        """restate_rocksdb_compact_write_bytes_total{db=~".+"}""",
        """restate_rocksdb_compaction_pending{db=~".+"}""",
        """restate_rocksdb_compaction_times_seconds_count{db=~".+"}""",
        """restate_rocksdb_compaction_times_seconds_sum{db=~".+"}""",
        """restate_rocksdb_db_flush_seconds_count{db=~".+"}""",
        """restate_rocksdb_db_flush_seconds_sum{db=~".+"}""",
        """restate_rocksdb_db_get_seconds_count{db=~".+"}""",
        """restate_rocksdb_db_get_seconds_sum{db=~".+"}""",
        """restate_rocksdb_db_write_seconds_count{db=~".+"}""",
        """restate_rocksdb_db_write_seconds_sum{db=~".+"}""",
        "restate_rocksdb_estimate_live_data_size_bytes",
        "restate_rocksdb_estimate_num_keys",
        """restate_rocksdb_estimate_pending_compaction_bytes{db=~".+"}""",
        """restate_rocksdb_mem_table_flush_pending{db=~".+"}""",
        """restate_rocksdb_memory_approx_memtable_bytes{db=~".+"}""",
        """restate_rocksdb_memory_approx_memtable_unflushed_bytes{db=~".+"}""",
        "restate_rocksdb_memory_write_buffer_manager_capacity_bytes",
        "restate_rocksdb_memory_write_buffer_manager_usage_bytes",
        """restate_rocksdb_num_files_at_level0{db=~".+"}""",
        """restate_rocksdb_num_files_at_level1{db=~".+"}""",
        """restate_rocksdb_num_files_at_level2{db=~".+"}""",
        """restate_rocksdb_num_files_at_level3{db=~".+"}""",
        """restate_rocksdb_num_files_at_level4{db=~".+"}""",
        """restate_rocksdb_num_files_at_level5{db=~".+"}""",
        """restate_rocksdb_num_files_at_level6{db=~".+"}""",
        """restate_rocksdb_num_running_compactions{db=~".+"}""",
        """restate_rocksdb_num_running_flushes{db=~".+"}""",
        """restate_rocksdb_number_keys_read_total{db=~".+"}""",
        """restate_rocksdb_number_keys_written_total{db=~".+"}""",
        """restate_rocksdb_stall_micros_total{db=~".+"}""",
    ];

    /// <summary>What does not exist here, and why.</summary>
    public static IReadOnlyList<(string Reason, string[] Names)> Absent { get; } =
    [
        (
            "no ingress and no invoker: services are registered and their state is kept, but not called",
            [
                "restate_ingress_http_connection_created_total",
                "restate_ingress_http_connection_dropped_total",
                "restate_ingress_request_duration_seconds",
                "restate_ingress_requests_total",
                "restate_invoker_concurrency_limit",
                "restate_invoker_concurrency_slots_acquired",
                "restate_invoker_concurrency_slots_released",
                "restate_invoker_invocation_tasks_total",
                "restate_invoker_task_duration_seconds",
                "restate_kafka_ingress_consumer_lag",
                "restate_kafka_ingress_requests_total",
            ]),
        (
            "one node: no network between nodes, no copies elsewhere, no Raft",
            [
                "restate_bifrost_sequencer_store_duration_seconds",
                "restate_bifrost_sequencer_store_duration_seconds_count",
                "restate_connection_pool_acquire_stream_duration_seconds",
                "restate_connection_pool_connection_closed_total",
                "restate_connection_pool_connection_open_failed_total",
                "restate_connection_pool_connection_opened_total",
                "restate_connection_pool_connection_utilization",
                "restate_connection_pool_stream_closed_total",
                "restate_connection_pool_stream_duration_seconds",
                "restate_connection_pool_stream_opened_total",
                "restate_metadata_server_replicated_applied_lsn",
                "restate_metadata_server_replicated_committed_lsn",
            ]),
        (
            "the C library's allocator instead of jemalloc: restate_memory_process_anonymous_bytes and restate_memory_allocator_*",
            [
                "restate_jemalloc_resident_bytes",
            ]),
        (
            "metadata is read and written a few times a day; it is not measured",
            [
                "restate_metadata_server_get_duration",
                "restate_metadata_server_get_total",
                "restate_metadata_server_put_duration",
                "restate_metadata_server_put_total",
            ]),
        (
            "no snapshots, no shuffler and no flow control between partitions",
            [
                "restate_partition_blocked_flare",
                "restate_partition_shuffle_message_total",
                "restate_partition_snapshot_age_seconds",
            ]),
        (
            "records are applied in batches: rates are in restate_partition_applied_lsn",
            [
                "restate_partition_apply_command_duration_seconds",
                "restate_partition_apply_command_duration_seconds_count",
            ]),
        (
            "the tail of every log is known; the state of a partition is in restate_partition_store_state",
            [
                "restate_partition_num_unknown_applied_lsn_lag",
                "restate_partition_stop_total",
            ]),
    ];
}
