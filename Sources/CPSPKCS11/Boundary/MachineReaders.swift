// SPDX-License-Identifier: Apache-2.0

import ISO7816
import PCSC
import Synchronization

#if FUZZING
    /// The readers that the fuzzer puts in place of the machine's (scripts/fuzz).
    package let fuzzedReaders = Mutex<(any ReaderService)?>(nil)

    func machineReaders() -> any ReaderService { fuzzedReaders.withLock { $0 } ?? PCSCReaderService() }
#else
    /// The readers that pcscd serves.
    func machineReaders() -> any ReaderService { PCSCReaderService() }
#endif
