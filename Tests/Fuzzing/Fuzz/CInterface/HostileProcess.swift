// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSPKCS11
import Foundation

/// What a program does with its process, and not with its card: it forks, closes descriptors
/// that it never opened, and calls from two threads.
enum HostileProcess {
    /// Runs something in a forked child, which ends without the end of a process. It must come
    /// back, as in the parent.
    static func inChild(_ body: () -> Void) {
        let child = fork()
        if child == 0 {
            // The fuzzer's own alarm is the parent's.
            signal(SIGALRM, SIG_DFL)
            alarm(20)
            body()
            _exit(0)
        }
        guard child > 0 else { return }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR { continue }
        expect(status == 0, "a forked child comes back")
    }

    /// A child's first calls: it has nothing of its parent's, and begins anew.
    static func beginInChild() {
        var info = CK_INFO()
        expect(C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED, "a child begins with nothing")
        expect(C_Finalize(nil) == CKR_CRYPTOKI_NOT_INITIALIZED, "a child has nothing to end")
        expect(C_Initialize(nil) == CKR_OK, "a child may use the library")
    }

    /// The descriptors that are open now.
    static func descriptors() -> Set<Int32> {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var found: Set<Int32> = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            if let number = Int32(name), number != dirfd(folder) { found.insert(number) }
        }
        return found
    }

    /// Closes what was opened since, as daemons do that close "all".
    static func closeDescriptors(butFor own: Set<Int32>) {
        for descriptor in descriptors().subtracting(own) { close(descriptor) }
    }

    /// Runs two things at a time, and waits for both.
    static func beside(_ first: @escaping () -> Void, _ second: () -> Void) {
        let work = Work(first)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        let isStarted =
            pthread_create(
                &thread, nil,
                { argument in
                    Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, argument.toOpaque()) == 0
        if !isStarted { argument.release() }
        second()
        if isStarted { pthread_join(thread, nil) }
    }

    private final class Work {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }
}
