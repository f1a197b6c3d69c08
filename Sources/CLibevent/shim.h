// SPDX-License-Identifier: Apache-2.0
// libevent as Swift sees it. evhttp and evdns are neither included nor linked (design D2).
#ifndef CLIBEVENT_SHIM_H
#define CLIBEVENT_SHIM_H
// Without it OpenSSL's and libevent's headers disagree on fd_set within one Swift program.
#define _GNU_SOURCE 1
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <event2/util.h>
#endif
