// SPDX-License-Identifier: Apache-2.0

import CallTrace
import Settings

extension CallTrace {
    /// The trace of this process; nil unless the user sets the environment variable `CPS_PKCS11_TRACE=FILE`.
    static let ofProcess: CallTrace? = Environment.value("CPS_PKCS11_TRACE").flatMap { CallTrace(path: $0) }
}
