// Numbers that the operators share with the TorchScript programs. This is their only place: the loader of programs reads it
// (SharedConstants in Java), where kEpsTail is called EPS_TAIL. One line each: constexpr TYPE kName = NUMBER;
#pragma once

#include <cstdint>

namespace utter {

// Numbers that follow each row which is normalized.
constexpr int64_t kEpsTail = 8;

// The maximum of a row is at least this where it is quantized, so that a row of zeros has a scale.
constexpr float kMinMagnitude = 1e-30f;

// The largest quantized values; weights are symmetric.
constexpr int64_t kInt8Max = 127;
constexpr int64_t kInt4Min = -8;
constexpr int64_t kInt4Max = 7;
constexpr int64_t kInt16Max = 32767;
constexpr int64_t kInt32Max = 2147483647;

// Neighbouring inputs of a 4-bit matrix that have a scale of their own: a number of steps -kInt8Max..kInt8Max, the length of a
// step is that of the output.
constexpr int64_t kInt4GroupInputs = 32;

// The scales that are tried for a group: those that make its largest weight -kInt4FirstQuotient, and so on up to
// -kInt4FirstQuotient - (kInt4Quotients - 1) kInt4QuotientStep.
constexpr float kInt4FirstQuotient = 5.f;
constexpr float kInt4QuotientStep = 0.25f;
constexpr int64_t kInt4Quotients = 21;

// Instruction sets of the kernels: CpuIsa in Java.
constexpr int64_t kIsaNone = -1;
constexpr int64_t kIsaAny = 0;
constexpr int64_t kIsaAvx2 = 1;
constexpr int64_t kIsaAvxVnni = 2;
constexpr int64_t kIsaAvx512Vnni = 3;
constexpr int64_t kIsaAmx = 4;
constexpr int64_t kIsaNeon = 5;
constexpr int64_t kIsaDotprod = 6;
constexpr int64_t kIsaI8mm = 7;

}  // namespace utter
