// SPDX-License-Identifier: Apache-2.0

import HostSystem
import ISO7816
import PCSC

#if FUZZING
    /// The fuzzer's readers, which replace the machine's (scripts/fuzz).
    package let fuzzedReaders = Lock<(any ReaderService)?>(nil)

    func machineReaders() -> any ReaderService { fuzzedReaders.withLock { $0 } ?? PCSCReaderService() }
#else
    /// The readers that pcscd serves.
    func machineReaders() -> any ReaderService { PCSCReaderService() }
#endif
