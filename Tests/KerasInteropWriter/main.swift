// Half of the exchange of files with Python, which Tests/Interop/run drives.
//
// KerasInteropWriter write FOLDER   models in every format, with inputs and predictions as .npz
// KerasInteropWriter read FOLDER    models that Python wrote, whose predictions must be the same here
// KerasInteropWriter rewrite FOLDER TO   the same models written again, for Python

import Glibc
import KerasModels

let arguments = CommandLine.arguments
do throws(KerasError) {
  switch arguments.dropFirst().first {
  case "write" where arguments.count == 3: try writeSamples(to: arguments[2])
  case "read" where arguments.count == 3: try readSamples(in: arguments[2])
  case "rewrite" where arguments.count == 4: try rewriteSamples(of: arguments[2], to: arguments[3])
  default:
    print("usage: KerasInteropWriter write|read FOLDER, rewrite FOLDER TO")
    exit(2)
  }
} catch {
  print(error)
  exit(1)
}
