// The outline of a lesion: a rounded shape that asymmetry bends and an irregular border notches.
#pragma once

#include "data/synth_lesion.hpp"

namespace cohort::data::synth {

/// Fills outline, feather and abrupt from the signs; `strength` scales how plainly they show.
void draw_outline(RandomSequence& random, Lesion& lesion, double strength);

}  // namespace cohort::data::synth
