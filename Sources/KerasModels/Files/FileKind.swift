import KerasFiles
import KerasCore

enum FileKind { case archive, legacyModel, legacyWeights, objectWeights, json, other
  init(path: String) throws(KerasError) {
    if path.hasSuffix(".keras") { self = .archive; return }
    let contents = try FileContents(path: path)
    let start = Array(contents.bytes.prefix(4))
    if start == [0x50, 0x4B, 3, 4] { self = .archive; return }
    if start == [0x89, 0x48, 0x44, 0x46] {
      if let file = try? LegacyWeightFile(path: path) { self = file.isModel ? .legacyModel : .legacyWeights } else { self = .objectWeights }
      return
    }
    self = start.first == 0x7B ? .json : .other
  }
}
