import Foundation
import KerasCore
import KerasPreprocessing
import Testing

/// What `Tests/Goldens/make_images.py` wrote.
struct ImageGoldens: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    var file: String
    var color: String
    var size: [Int]?
    var interpolation: String?
    var keep: Bool?
    var preset: String?
    var orientation: String?
    var mode: String
    var width: Int
    var height: Int
    var pixels: Data?
    var crc32: UInt32?

    var testDescription: String {
      "\(file) \(color) \(size ?? []) \(interpolation ?? preset ?? "") \(keep == true ? "keep" : "")"
    }
  }

  struct Preprocessing: Decodable, CustomTestStringConvertible {
    var mode: String
    var data_format: String
    var shape: [Int]
    var input: Data
    var output: Data

    var testDescription: String { "\(mode) \(data_format) \(shape)" }
  }

  struct ArrayToImage: Decodable, CustomTestStringConvertible {
    var scale: Bool
    var data_format: String
    var shape: [Int]
    var input: Data
    var mode: String
    var pixels: Data

    var testDescription: String { "\(mode) \(data_format) scale \(scale)" }
  }

  var files: [String: Data]
  var cases: [Case]
  var preprocess_input: [Preprocessing]
  var array_to_img: [ArrayToImage]

  static let shared: ImageGoldens = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/images.json")
    do {
      return try JSONDecoder().decode(ImageGoldens.self, from: Data(contentsOf: file))
    } catch {
      fatalError("Tests/Goldens/images.json cannot be read: \(error)")
    }
  }()

  static func file(_ name: String) throws -> [UInt8] { Array(try #require(shared.files[name])) }
}

/// Pillow's names of our modes.
func mode(named name: String) -> Image.Mode? {
  switch name {
  case "L": .grayscale
  case "I;16", "I": .grayscale16
  case "RGB": .rgb
  case "RGBA": .rgba
  default: nil
  }
}

func tensor(_ data: Data, _ shape: [Int]) throws -> Tensor {
  let values = data.withUnsafeBytes { bytes in
    (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
  }
  return try Tensor(values, shape: shape)
}

/// The checksum of zip and PNG (ISO 3309).
func crc32(_ bytes: [UInt8]) -> UInt32 {
  crcTable.withUnsafeBufferPointer { table in
    var crc = ~UInt32(0)
    for byte in bytes { crc = crc &>> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
    return ~crc
  }
}

private let crcTable: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? crc &>> 1 ^ 0xEDB8_8320 : crc &>> 1 }
}

/// A folder that is gone after `body`.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "keras-images-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// The whole message of the error that `body` must throw.
func message(_ body: () throws(KerasError) -> some Any) -> String {
  do throws(KerasError) {
    let result = try body()
    return "no error, but \(result)"
  } catch {
    return error.description
  }
}
