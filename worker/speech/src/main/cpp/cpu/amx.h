// The tile registers of AMX.
#pragma once

namespace utter {

// Asks the system for the registers. Returns whether the processor multiplies 8-bit tiles, and this process may use them.
bool request_amx();

}  // namespace utter
