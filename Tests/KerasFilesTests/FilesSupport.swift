import Foundation
import KerasCore

@testable import KerasFiles

/// The path of a file that Tests/Goldens/make_hdf5_fixtures.py made.
func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

/// A path under the folder of shared weights and goldens beside the checkout, or nil where there is none.
func shared(_ path: String) -> String? {
  let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared").path
  let folder = ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"] ?? beside
  let file = folder + "/" + path
  return FileManager.default.fileExists(atPath: file) ? file : nil
}

/// Calls `body` with the path of a file of these bytes, which is gone afterwards.
func withFile<Result>(
  _ bytes: some Sequence<UInt8>, named name: String = "weights.h5", _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appending(path: name).path
  try Data(bytes).write(to: URL(filePath: path))
  return try body(path)
}

func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

/// What `body` throws, as a person reads it; nil when it does not.
func message(of body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

extension Tensor {
  /// Whether shape, type and every bit are the same: NaNs count, and so does the sign of a zero.
  func hasSameBits(as other: Tensor) -> Bool {
    shape == other.shape && dataType == other.dataType
      && withUnsafeBytes { mine in other.withUnsafeBytes { mine.elementsEqual($0) } }
  }
}

/// Files under the folder of shared weights and goldens, by name; none where there is no such folder.
func sharedFiles(in folder: String, ending: String) -> [String] {
  guard let folder = shared(folder) else { return [] }
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.filter { $0.hasSuffix(ending) }.sorted().map { folder + "/" + $0 }
}
