#include <stdexcept>

#include <taffrail/log.h>
#include "task_service/handlers/routes.h"

namespace task_service {
namespace {

using taffrail::kv;

const taffrail::Logger log("job.notification");

// Mail to this domain is refused, so that the demo has jobs that fail for good.
constexpr std::string_view kRefusingDomain = "@bounce.example";

void Notify(Services& services, const std::string& user_id, const std::string& job_id,
            const std::string& subject) {
  const auto recipient = services.repository.FindUser(user_id);
  if (!recipient) {
    throw std::runtime_error("no such recipient");
  }
  services.oauth.ExchangeFor(user_id, "notify:send");
  if (recipient->email.ends_with(kRefusingDomain)) {
    throw std::runtime_error("550 mailbox unavailable");
  }
  services.repository.RecordMail(job_id, recipient->id, subject);
  log.info("Notification sent", kv("channel", "email"), kv("recipient_id", recipient->id));
}

}  // namespace

void NotifyLater(Services& services, const std::string& task_name, const std::string& user_id,
                 const std::string& subject) {
  services.jobs.Enqueue(task_name, [&services, user_id, subject] {
    Notify(services, user_id, taffrail::context_value("job_id"), subject);
  });
}

}  // namespace task_service
