import KerasCore
import KerasWeights

/// Why bytes are not those of the published file.
enum ContentProblem: Equatable {
  case wrongHash(expected: FileHash, found: FileHash, isWebPage: Bool)
  case notWhole(HDF5Envelope)
  case notAFile

  var kind: KerasError.Kind {
    if case .wrongHash = self { .checksumMismatch } else { .invalidFile }
  }

  /// Half a sentence: `expected …, found …`.
  var sentence: String {
    switch self {
    case .wrongHash(let expected, let found, let isWebPage):
      "expected \(expected), found \(found)" + (isWebPage ? " (a web page)" : "")
    case .notWhole(.wrongSize(let expected, let found)):
      "expected \(expected) bytes, found \(found)"
    case .notWhole(.webPage): "expected weights, found a web page (a login or a proxy may stand between)"
    case .notWhole(.empty): "expected weights, found an empty file"
    case .notWhole: "expected an HDF5 file, found something else"
    case .notAFile: "expected a file, found a folder or a device"
    }
  }
}
