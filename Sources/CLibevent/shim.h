// SPDX-License-Identifier: Apache-2.0
// libevent as Swift sees it. evhttp and evdns are neither included nor linked (design D2).
#ifndef CLIBEVENT_SHIM_H
#define CLIBEVENT_SHIM_H
// First, because libevent's own configuration defines _GNU_SOURCE: with it fd_set would look
// different here and in Swift's Glibc, which one Swift file may not see both of.
#include <sys/types.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <event2/util.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Hidden by the C library unless _GNU_SOURCE is defined, see above.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
#endif
