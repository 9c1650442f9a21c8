// SPDX-License-Identifier: Apache-2.0

import Glibc
import Registration

/// The program `register` of the library's package: `cps register` and the packages run it.
@main
enum CPSRegister {
    static func main() { exit(RegistrationProgram.run(Array(CommandLine.arguments.dropFirst()))) }
}
