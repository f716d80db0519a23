import Foundation
import KerasModels
import Testing

/// Keras' operations among the layers of files: what they compute, and that they are written as they were read.
@Suite struct OperationFileTests {
  /// A model of operations, and what it computes.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let model: JSON
    let outputs: [JSON]
    var testDescription: String { name }

    static func all(in file: String) throws -> [Case] {
      let text = try String(contentsOf: goldens.appending(path: file), encoding: .utf8)
      return try (JSON(parsing: text)["cases"]?.array ?? []).map { json in
        Case(
          name: json["name"]?.string ?? "", model: json["model"] ?? .null, outputs: json["outputs"]?.array ?? [])
      }
    }

    /// Compares what `model` computes.
    func check(_ model: Model) throws {
      let inputs = model.inputs.enumerated().map { number, input in
        Self.data([2] + input.shape.dropFirst().compactMap { $0 }, input.dataType, number)
      }
      let results = try model.predict(inputs)
      #expect(results.count == outputs.count)
      for (position, (result, output)) in zip(results, outputs).enumerated() {
        #expect(result.shape == output["shape"]?.array?.compactMap(\.integer), "output \(position)")
        #expect(result.dataType.rawValue == output["dtype"]?.string, "output \(position)")
        let expected = output["values"]?.array?.compactMap(\.number) ?? []
        let found = result.converted(to: .float64)
        let numbers = found.scalars(as: Double.self)
        let worst = zip(numbers, expected).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
        #expect(numbers.count == expected.count && worst < 2e-5, "output \(position): \(numbers) for \(expected)")
      }
    }

    private static func data(_ shape: [Int], _ type: DataType, _ number: Int) -> Tensor {
      if type == .int32 {
        return Tensor(uninitialized: shape, Int32.self) { elements in
          for i in elements.indices { elements[i] = Int32((i * 37 + number * 101 + 11) % 97 % 3) }
        }
      }
      return pattern(shape, number, scale: 4)
    }
  }

  @Test(arguments: try Case.all(in: "operations.json")) func operationsOfKeras3(_ given: Case) throws {
    let model = try Model.fromConfig(given.model)
    try given.check(model)
    // What was read is written as it was, but for what is left out or means the same.
    let layers = model.getConfig()["config"]?["layers"]?.array ?? []
    let stored = given.model["config"]?["layers"]?.array ?? []
    #expect(layers.count == stored.count)
    for layer in stored where layer["module"]?.string?.hasPrefix("keras.src.ops") == true {
      let same = layers.first { $0["name"] == layer["name"] }
      #expect(same.map(Self.essence) == Self.essence(layer))
    }
  }

  /// Without arguments that are null, and with all of them in place.
  private static func essence(_ layer: JSON) -> JSON {
    var object = layer.object ?? [:]
    let calls = (object["inbound_nodes"]?.array ?? []).map { node -> JSON in
      let keywords = (node["kwargs"]?.object ?? [:]).map(\.value)
      return .array(((node["args"]?.array ?? []) + keywords).filter { !$0.isNull })
    }
    object["inbound_nodes"] = .array(calls)
    return .object(object)
  }
}
