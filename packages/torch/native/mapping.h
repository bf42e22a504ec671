/** @file See mapping.cc. */
#pragma once

/** @throws if a mapped file was read beyond its end since the last call, on any thread */
void requireMapped();
