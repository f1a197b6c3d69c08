// SPDX-License-Identifier: Apache-2.0
// The workers of one process, each with its loop and thread, and how connections reach them.

import EventLoop
import HTTPWire

/// All workers; any thread may speak to it.
final class Crew: Sendable {
    let loops: [EventLoop]
    private let workers: [LoopBound<Worker>]

    /// Starts one thread a worker.
    init(_ generation: Generation) async {
        var loops: [EventLoop] = []
        var workers: [LoopBound<Worker>] = []
        for index in 0..<generation.settings.workers {
            let loop = EventLoop()
            loop.startThread(name: "worker \(index)")
            loops.append(loop)
            workers.append(await loop.makeWorker(generation))
        }
        self.loops = loops
        self.workers = workers
    }

    /// Binds a listener; returns the address that was bound. Every worker binds a TCP address for
    /// itself (D1); a Unix socket has one worker that deals connections out (D19).
    func bind(_ settings: ListenerSettings, index: Int) async throws -> SocketAddress {
        if case .unix = settings.address {
            return try await loops[0].listen(
                settings, at: settings.address, index: index, for: workers[0],
                dealer: Dealer(self))
        }
        try Listener.probe(settings.address)
        var address = settings.address
        for (loop, worker) in zip(loops, workers) {
            address = try await loop.listen(
                settings, at: address, index: index, for: worker, dealer: nil)
        }
        return address
    }

    /// Hands a connection to a worker by number.
    func deal(_ socket: AcceptedSocket, listener: Int, turn: Int) {
        let index = turn % loops.count
        let worker = workers[index]
        loops[index].post { loop in worker.value(on: loop).serve(socket, listener: listener) }
    }

    /// Returns when every worker serves new requests under `generation`.
    func adopt(_ generation: Generation) async {
        for (loop, worker) in zip(loops, workers) {
            await loop.adopt(generation, for: worker)
        }
    }

    /// Logs when requests can pass; one worker watches for all.
    func watchReadiness() {
        let worker = workers[0]
        loops[0].post { loop in worker.value(on: loop).watchReadiness() }
    }

    /// Lets every worker finish what is in flight.
    func drain() async {
        await withTaskGroup(of: Void.self) { group in
            for (loop, worker) in zip(loops, workers) {
                group.addTask {
                    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                        loop.post { loop in worker.value(on: loop).drain { done.resume() } }
                    }
                }
            }
        }
    }

    /// Cuts every connection that is left.
    func abortAll() {
        for (loop, worker) in zip(loops, workers) {
            loop.post { loop in worker.value(on: loop).abortAll() }
        }
    }

    /// Ends the loops and their threads.
    func dismiss() async {
        for (loop, worker) in zip(loops, workers) { await loop.closeListeners(of: worker) }
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
    }
}

/// Deals connections of one listener to the workers in turn; lives on the accepting worker's loop.
final class Dealer: Sendable {
    private let crew: Crew

    init(_ crew: Crew) {
        self.crew = crew
    }

    func deal(_ socket: AcceptedSocket, listener: Int, turn: Int) {
        crew.deal(socket, listener: listener, turn: turn)
    }
}

extension EventLoop {
    /// Makes a worker on this loop.
    func makeWorker(_ generation: Generation) -> LoopBound<Worker> {
        LoopBound(Worker(generation, loop: self), on: self)
    }

    /// Gives a worker of this loop the next generation.
    func adopt(_ generation: Generation, for worker: LoopBound<Worker>) {
        worker.value(on: self).adopt(generation)
    }

    /// Listens for a worker of this loop. `index` is the listener's place in the settings: what may
    /// change there by reload is looked up at each connection.
    func listen(
        _ settings: ListenerSettings, at address: SocketAddress, index: Int,
        for worker: LoopBound<Worker>, dealer: Dealer?
    ) throws -> SocketAddress {
        let worker = worker.value(on: self)
        guard let dealer else {
            return try worker.listen(settings, at: address) { [unowned worker] socket in
                worker.serve(socket, listener: index)
            }
        }
        var turn = 0
        return try worker.listen(settings, at: address) { socket in
            dealer.deal(socket, listener: index, turn: turn)
            turn &+= 1
        }
    }

    /// Stops accepting for a worker of this loop.
    func closeListeners(of worker: LoopBound<Worker>) {
        worker.value(on: self).closeListeners()
    }
}
