// Between the canonical forms of files (OIHW, NCHW) and the blocked forms of kernels. Pure data movement.
#pragma once

#include <cstdint>
#include <span>

#include "cohort/kernels/shapes.hpp"

namespace cohort::kernels {

/// Canonical weight [K][C][R][S] → blocked (see ConvShape); unused lanes become +0.
template <typename T>
void block_weight(const ConvShape& shape, std::span<const T> canonical, std::span<T> blocked);
/// Blocked weight → canonical.
template <typename T>
void unblock_weight(const ConvShape& shape, std::span<const T> blocked, std::span<T> canonical);

/// [N][C][H][W] → [N][blocks(C)][H][W][16], unused lanes +0.
template <typename T>
void block_maps(const MapShape& shape, std::span<const T> canonical, std::span<T> blocked);
/// Blocked maps → canonical.
template <typename T>
void unblock_maps(const MapShape& shape, std::span<const T> blocked, std::span<T> canonical);

}  // namespace cohort::kernels
