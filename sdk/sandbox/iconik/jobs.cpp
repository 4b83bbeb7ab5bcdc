// SPDX-License-Identifier: Apache-2.0
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

json::object& iconik_system::create_job(const std::string& type,
                                        const std::string& title,
                                        const std::string& object_type,
                                        const std::string& object_id) {
    return jobs_.add(
        {{"id", ids().uuid()},
         {"title", title},
         {"type", type},
         {"custom_type", nullptr},
         {"status", "READY"},
         {"progress", 0},
         {"progress_processed", 0},
         {"progress_total", 100},
         {"object_type", object_type.empty() ? json::value(nullptr) : json::value(object_type)},
         {"object_id", object_id.empty() ? json::value(nullptr) : json::value(object_id)},
         {"related_objects", json::array{}},
         {"parent_id", nullptr},
         {"has_children", false},
         {"children_progress", nullptr},
         {"priority", 5},
         {"message", nullptr},
         {"error_message", nullptr},
         {"metadata", doc{}},
         {"job_context", doc{}},
         {"steps", json::array{}},
         {"created_by", caller_.user_id},
         {"started_at", nullptr},
         {"completed_at", nullptr},
         {"date_created", stamp()},
         {"date_modified", stamp()}});
}

void iconik_system::run_job(const std::string& job_id, std::function<void()> work) {
    const std::string user = caller_.user_id;
    schedule(job_delay_, [this, job_id, user, work = std::move(work)] {
        doc* job = jobs_.find(job_id);
        if (!job || text_of(*job, "status") != "READY") return; // aborted meanwhile
        (*job)["status"] = "STARTED";
        (*job)["progress"] = 50;
        (*job)["started_at"] = stamp();
        (*job)["date_modified"] = stamp();
        schedule(job_delay_, [this, job_id, user, work] {
            if (text_of(jobs_.need(job_id), "status") != "STARTED") return;
            try {
                as_user(user, [&] {
                    if (work) work();
                });
                jobs_.need(job_id)["status"] = "FINISHED";
            } catch (const std::exception& e) {
                jobs_.need(job_id)["status"] = "FAILED";
                jobs_.need(job_id)["error_message"] = e.what();
            }
            doc& done = jobs_.need(job_id);
            done["progress"] = 100;
            done["progress_processed"] = 100;
            done["completed_at"] = stamp();
            done["date_modified"] = stamp();
        });
    });
}

void iconik_system::job_routes() {
    const auto check_job = [](const doc& body, bool all) {
        require_one_of(body, "status",
                       {"READY", "STARTED", "FINISHED", "FINISHED_WITH_WARNING", "FAILED",
                        "WAITING", "ABORT_PENDING", "ABORTED", "SKIPPED", "PAUSED"},
                       all);
        if (all) {
            require_text(body, "title");
            require_text(body, "type");
        }
    };
    on("GET", "/API/jobs/v1/jobs", "can_read_jobs", [this](const request& r) {
        const std::vector<std::string> wanted = split_list(r.query_value("ids"));
        std::vector<doc> out;
        for (const doc* job : jobs_.all()) {
            bool fits = wanted.empty() || contains(wanted, text_of(*job, "id"));
            for (const char* key :
                 {"type", "status", "object_type", "object_id", "parent_id", "created_by"})
                fits = fits && (!r.has_query(key) ||
                                contains(split_list(r.query_value(key)), text_of(*job, key)));
            if (fits) out.push_back(*job);
        }
        std::reverse(out.begin(), out.end());
        return page(r, std::move(out));
    });
    on("POST", "/API/jobs/v1/jobs", "can_write_jobs", [this, check_job](const request& r) {
        const doc body = r.json_object();
        check_job(body, true);
        doc& job = create_job(text_of(body, "type"), text_of(body, "title"),
                              text_of(body, "object_type"), text_of(body, "object_id"));
        take(job, body,
             {"status", "custom_type", "message", "metadata", "job_context", "parent_id",
              "related_objects", "progress_processed", "progress_total", "has_children"});
        return reply::json(201, job);
    });
    on("GET", "/API/jobs/v1/jobs/{job_id}", "can_read_jobs",
       [this](const request& r) { return reply::json(200, jobs_.need(r.param("job_id"))); });
    const auto edit = [this, check_job](const request& r) {
        const doc body = r.json_object();
        check_job(body, false);
        doc& job = jobs_.need(r.param("job_id"));
        take(job, body,
             {"status", "message", "error_message", "progress_processed", "progress_total",
              "metadata", "title", "custom_type", "completed_at"});
        const std::int64_t total = std::max<std::int64_t>(1, number_of(job, "progress_total", 100));
        job["progress"] =
            std::clamp<std::int64_t>(number_of(job, "progress_processed") * 100 / total, 0, 100);
        job["date_modified"] = stamp();
        return reply::json(200, job);
    };
    on("PATCH", "/API/jobs/v1/jobs/{job_id}", "can_write_jobs", edit);
    on("PUT", "/API/jobs/v1/jobs/{job_id}", "can_write_jobs", edit);
    on("PUT", "/API/jobs/v1/jobs/state", "can_write_jobs", [this](const request& r) {
        const doc body = r.json_object();
        require_one_of(body, "action", {"PAUSE", "RESUME", "ABORT", "RESTART"}, true);
        const std::string action = text_of(body, "action");
        for (const std::string& id : require_ids(body, "job_ids"))
            jobs_.need(id)["status"] = action == "PAUSE"   ? "PAUSED"
                                       : action == "ABORT" ? "ABORTED"
                                                           : "READY";
        return reply::json(201, doc{});
    });
}

} // namespace mortise::sandbox::iconik
