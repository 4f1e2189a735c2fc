/* SPDX-License-Identifier: MIT */
#include "receiver/steer.h"

const struct rpc_method steer_methods[1] = {{0}};
const size_t steer_method_count = 0;
