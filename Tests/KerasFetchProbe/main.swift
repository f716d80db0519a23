// A process of its own for the tests: fetches one file and prints where it is;
// on a terminal, with the progress bar.
//
// KerasFetchProbe HOME BASE-URL NAME [MD5]

import Glibc
import KerasCore
import KerasStore
import KerasWeights

let arguments = CommandLine.arguments
var options = StoreOptions()
options.mirrors = [arguments[2]]
options.usesOfficialHosts = false
let name = arguments[3]
let file = RemoteFile(
  name: name, subfolder: "models", url: "", mirrorPath: "family/" + name,
  hash: arguments.count > 4 ? FileHash(.md5, arguments[4]) : nil, format: .hdf5)
do throws(KerasError) {
  let store = WeightStore(
    home: KerasHome(path: arguments[1]), options: options, onEvent: ProgressBar().handle)
  print(try store.path(for: file))
} catch {
  print(error)
  exit(1)
}
