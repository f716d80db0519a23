import Foundation
import KerasTestSupport

/// Files of `make_command_fixtures.py`: a very small MobileNet, three pictures, and Keras' answers to them.
enum Fixtures {
  static let folder = PackagePaths.root.appending(path: "Tests/KerasCommandTests/Fixtures")
  static let weights = folder.appending(path: "tiny.h5")
  static let labels = folder.appending(path: "classes.txt")
  static let pictures = folder.appending(path: "Pictures")
  static let pictureNames = ["disc.png", "slope.jpg", "stripes.png"]
  static let classNames = ["striped", "round", "slanted", "\"odd\", one"]

  static func picture(_ name: String) throws -> Data { try Data(contentsOf: pictures.appending(path: name)) }

  /// Keras' probabilities for each picture.
  static func answers() throws -> [String: [Double]] {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    return try JSONDecoder().decode([String: [Double]].self, from: data)
  }
}

extension Workplace {
  /// `keras classify` with the small model.
  func classify(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let model = [
      "--weights", Fixtures.weights.path, "--labels", Fixtures.labels.path, "--alpha", "0.0625",
      "--image-size", "32",
    ]
    return try start(["classify"] + arguments + model, input: input, environment: environment).outcome()
  }

  func classify(_ arguments: String..., input: Data? = nil) throws -> Outcome {
    try classify(arguments, input: input)
  }

  /// Puts the three pictures into a folder.
  func putPictures(into path: String) throws {
    for name in Fixtures.pictureNames { try put(Fixtures.picture(name), at: path + "/" + name) }
  }
}

/// A line of `classify --json`.
struct JSONLine: Decodable {
  struct Prediction: Decodable {
    let index: Int
    let id: String
    let label: String
    let probability: Double
  }
  let file: String
  let predictions: [Prediction]?
  let error: String?

  static func all(in output: String) throws -> [JSONLine] {
    try output.split(separator: "\n").map { try JSONDecoder().decode(JSONLine.self, from: Data($0.utf8)) }
  }
}
