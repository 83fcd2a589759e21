#include "admin/metric_families.h"

#include <array>

namespace necknode::admin {
namespace {

constexpr const char* kCounter = "counter";
constexpr const char* kGauge = "gauge";
constexpr const char* kHistogram = "histogram";

constexpr std::array kFamilies = {
    MetricFamily{"necknode_build_info", kGauge, "The program's version, always 1."},
    MetricFamily{"necknode_config_generation", kGauge, "Generation of the edited configuration."},
    // Roles.
    MetricFamily{"necknode_role_up", kGauge, "Whether the role runs: 1 or 0."},
    MetricFamily{"necknode_role_restarts_total", kCounter, "Times the role ended unasked."},
    MetricFamily{"necknode_role_start_time_seconds", kGauge, "When the role's process started."},
    // Receiver.
    MetricFamily{
        "necknode_instances_received_total", kCounter, "C-STORE requests by what became of them."},
    MetricFamily{"necknode_received_bytes_total", kCounter, "Bytes of received datasets."},
    MetricFamily{"necknode_associations_total", kCounter, "Ended associations by how they ended."},
    MetricFamily{"necknode_associations_rejected_total", kCounter, "Rejections by reason."},
    MetricFamily{"necknode_associations_open", kGauge, "Associations that are open."},
    MetricFamily{"necknode_echoes_total", kCounter, "C-ECHO requests."},
    MetricFamily{"necknode_silent_connections_total",
                 kCounter,
                 "Connections that never asked for an association."},
    // Studies and jobs.
    MetricFamily{"necknode_studies", kGauge, "Studies by state."},
    MetricFamily{"necknode_jobs", kGauge, "Jobs by state."},
    MetricFamily{
        "necknode_job_queue_oldest_seconds", kGauge, "How long the oldest queued job has waited."},
    MetricFamily{"necknode_jobs_finished_total", kCounter, "Attempts at jobs by how they ended."},
    MetricFamily{"necknode_stage_duration_seconds", kHistogram, "Duration of a job's stages."},
    MetricFamily{
        "necknode_inference_seconds_total", kCounter, "Time spent in the networks by device."},
    MetricFamily{"necknode_package_usable", kGauge, "Whether a route's model package can be used."},
    // Results.
    MetricFamily{"necknode_outbox_rows", kGauge, "Results by destination and state."},
    MetricFamily{"necknode_outbox_oldest_waiting_seconds",
                 kGauge,
                 "How long the oldest waiting result has waited."},
    MetricFamily{
        "necknode_deliveries_total", kCounter, "Attempts to send a result by their outcome."},
    MetricFamily{"necknode_delivery_duration_seconds",
                 kHistogram,
                 "Duration of sending one study's results to one destination."},
    MetricFamily{"necknode_last_slice_to_result_seconds",
                 kHistogram,
                 "From a study's last slice until a destination has all results of its job."},
    // Storage.
    MetricFamily{"necknode_quarantine_objects", kGauge, "Objects in quarantine."},
    MetricFamily{"necknode_quarantine_bytes", kGauge, "Their size."},
    MetricFamily{"necknode_disk_free_bytes", kGauge, "Free on the data folder's file system."},
    MetricFamily{"necknode_disk_capacity_bytes", kGauge, "Size of that file system."},
    MetricFamily{
        "necknode_disk_reserve_bytes", kGauge, "With less than this free nothing is accepted."},
    // Audit and notices.
    MetricFamily{
        "necknode_audit_unsent", kGauge, "Audit events that an audit server has not been sent."},
    MetricFamily{"necknode_notices_waiting", kGauge, "Notices that could not be sent yet."},
    // The process that answers.
    MetricFamily{"process_cpu_seconds_total", kCounter, "CPU time of the admin role."},
    MetricFamily{"process_resident_memory_bytes", kGauge, "Resident memory of the admin role."},
    MetricFamily{"process_virtual_memory_bytes", kGauge, "Virtual memory of the admin role."},
    MetricFamily{"process_open_fds", kGauge, "Open descriptors of the admin role."},
    MetricFamily{"process_max_fds", kGauge, "Descriptors that the admin role may open."},
    MetricFamily{"process_start_time_seconds", kGauge, "When the admin role started."},
};

}  // namespace

std::span<const MetricFamily> MetricFamilies() { return kFamilies; }

}  // namespace necknode::admin
