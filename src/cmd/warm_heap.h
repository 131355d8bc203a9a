// Memory for the first question of a server.
#pragma once

namespace taffrail::cmd {

// Gives the allocator some pages that the kernel has mapped already. Else the first question pays for each it
// touches with a fault: a quarter of what a cold look-up of an id takes (docs/decisions/0032).
void WarmHeap();

}  // namespace taffrail::cmd
