/// The files that features are written to and read from.
package enum FeatureFormat: String, CaseIterable, Sendable {
  case npy, npz, h5, csv, safetensors, jsonl

  /// nil for another ending.
  package init?(endingOf path: String) {
    let name = path.split(separator: "/").last ?? ""
    let ending = name.contains(".") ? name.split(separator: ".").last?.lowercased() ?? "" : ""
    self.init(rawValue: ending == "hdf5" ? "h5" : ending)
  }

  /// Whether a file says what it was computed with, and so which part of which whole it is.
  package var holdsJob: Bool { [.npz, .h5, .safetensors].contains(self) }

  /// `.npy, .npz, …`.
  package static var endings: String { allCases.map { "." + $0.rawValue }.joined(separator: ", ") }
}

/// What arrays of a file of features are called.
package enum FeatureArrays {
  package static let files = "files"
  package static let index = "index"
  package static let job = "job"
  package static let reserved = [files, index, job]

  package static func names(_ layers: [String]) -> [String] { layers.count > 1 ? layers : ["features"] }
}
