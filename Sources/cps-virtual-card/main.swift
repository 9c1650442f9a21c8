// SPDX-License-Identifier: Apache-2.0

/// The file whose top level is the program: it must be called so.
CPSVirtualCard.main()
