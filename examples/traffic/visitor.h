// One connection's worth of people: draws who comes next and what they do, does it, and counts the answer.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>

#include "demo/people.h"
#include "http/client.h"
#include "traffic/random.h"
#include "traffic/tally.h"
#include "traffic/world.h"

namespace traffic {

class Visitor {
 public:
  Visitor(const examples::http::Origin& service, uint64_t seed, World& world, Tally& tally);

  // One thing that one person does: mostly one request, before it a login for somebody new.
  void Visit();
  // What Visit draws from, for --list.
  static std::string DescribeActions();

 private:
  struct Guest {  // whoever this visit is about
    int number = 0;
    examples::demo::Person person;
    std::string address;
    std::string user_agent;
    std::string token;
  };
  struct Action {
    const char* name;
    double weight;
    void (Visitor::*act)(Guest&);
  };
  static const std::initializer_list<Action> kActions;

  Guest DrawGuest();
  std::string RequestToken(Guest& guest);  // empty when the login failed
  bool LogIn(Guest& guest);
  examples::http::Call MakeCall(const Guest& guest, std::string method, std::string target,
                                std::string body = "");
  // Sends and counts. Connection errors are counted too, and answered with status 0.
  examples::http::Response Send(const Guest& guest, const examples::http::Call& call,
                                std::initializer_list<int> expected);
  int OrganizationOf(const Guest& guest) const { return examples::demo::OrganizationOf(guest.number); }

  void ListTasks(Guest& guest);
  void ReadTask(Guest& guest);
  void CreateTask(Guest& guest);
  void ChangeTask(Guest& guest);
  void DeleteTask(Guest& guest);
  void ListProjects(Guest& guest);
  void QuickReport(Guest& guest);
  void SlowReport(Guest& guest);
  void MissingTask(Guest& guest);
  void InvalidTask(Guest& guest);
  void ConflictingChange(Guest& guest);
  void InjectedFault(Guest& guest);
  void HostileRequestId(Guest& guest);
  void LoginBurst(Guest& guest);
  void StaleToken(Guest& guest);
  void LogOut(Guest& guest);

  examples::http::Client client_;
  Random random_;
  Zipf popularity_{examples::demo::kUserCount};
  World& world_;
  Tally& tally_;
};

}  // namespace traffic
