import KerasCore
import KerasWeights

/// Why bytes are not those of the published file.
enum ContentProblem: Equatable {
  case wrongHash(expected: FileHash, found: FileHash, isWebPage: Bool)
  /// No hash is published, but the file had another when it was fetched.
  case changed(since: FileHash, found: FileHash)
  case notWhole(HDF5Envelope)
  /// Its beginning and size are right, what is inside is not.
  case damaged(String)
  case notAFile
  case unreadable(String)

  var kind: KerasError.Kind {
    switch self {
    case .wrongHash, .changed: .checksumMismatch
    case .unreadable: .fileAccess
    case .notWhole, .damaged, .notAFile: .invalidFile
    }
  }

  /// Half a sentence: `expected …, found …`.
  var sentence: String {
    switch self {
    case .wrongHash(let expected, let found, let isWebPage):
      "expected \(expected), found \(found)" + (isWebPage ? " (a web page)" : "")
    case .changed(let expected, let found):
      "expected \(expected), as when it was fetched, found \(found)"
    case .notWhole(.wrongSize(let expected, let found)):
      "expected \(expected) bytes, found \(found)"
    case .notWhole(.webPage):
      "expected the published file, found a web page (a login or a proxy may stand between)"
    case .notWhole(.empty): "expected the published file, found an empty one"
    case .notWhole: "expected an HDF5 file, found something else"
    case .damaged(let what): "expected a whole HDF5 file, found damage (\(what))"
    case .notAFile: "expected a file, found a folder or a device"
    case .unreadable(let reason): "expected a file that can be read (\(reason))"
    }
  }
}
