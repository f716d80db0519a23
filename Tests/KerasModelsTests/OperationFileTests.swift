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
          name: json["name"]?.string ?? "", model: json["model"] ?? .null,
          outputs: json["outputs"]?.array ?? [])
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
        #expect(
          numbers.count == expected.count && worst < 2e-5, "output \(position): \(numbers) for \(expected)")
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

  @Test(arguments: try Case.all(in: "operations-tf.json")) func functionsOfTensorFlow(_ given: Case) throws {
    let model = try Model.fromConfig(given.model)
    try given.check(model)
    // From then on it is Keras 3's.
    try given.check(model.clone())
  }

  @Test(arguments: [
    (
      "sparse.to_dense", "{}",
      """
      `tf.sparse.to_dense` is a function of TensorFlow that is not known here.
        in: m › f
        try: put a layer in its place, or an operation of Keras.
      """
    ),
    (
      "math.reduce_men", #"{"axis": 1}"#,
      """
      `tf.math.reduce_men` is a function of TensorFlow that is not known here.
        in: m › f
        try: did you mean math.reduce_mean, math.reduce_min, math.reduce_max?
      """
    ),
    (
      "gather", #"{"indices": [0], "batch_dims": 1}"#,
      """
      The argument `batch_dims` = 1 has no counterpart here.
        in: m › tf.gather
      """
    ),
    (
      "cast", #"{"dtype": "string"}"#,
      """
      There is no element type or policy called `string`.
        in: m › f
      """
    ),
  ]) func unknownFunctionsAreErrors(_ function: String, _ arguments: String, _ expected: String) throws {
    let input: JSON = ["name": "x", "batch_input_shape": [.null, 3], "dtype": "float32"]
    let node: JSON = ["x", 0, 0, try JSON(parsing: arguments)]
    let call: JSON = [
      "class_name": "TFOpLambda", "name": "f", "config": ["name": "f", "function": .string(function)],
      "inbound_nodes": [node],
    ]
    let entry: JSON = ["class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": input]
    let config: JSON = [
      "name": "m", "layers": [entry, call], "input_layers": [["x", 0, 0]], "output_layers": [["f", 0, 0]],
    ]
    #expect(
      message { () throws(KerasError) in
        _ = try Model.fromConfig(["class_name": "Functional", "config": config])
      } == expected)
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

/// What `Ops` record, stored and read again.
@Suite struct RecordedOperationTests {
  /// Saved, read, and compared in what it computes.
  private func roundTrip(_ model: Model) throws {
    let x = pattern([2] + model.inputs[0].shape.dropFirst().compactMap { $0 }, 3, scale: 2)
    let inputs = model.inputs.map { _ in x }
    let copy = try model.clone()
    try copy.setWeights(model.getWeights())
    let (before, after) = try (model.predict(inputs), copy.predict(inputs))
    #expect(
      before.map { $0.converted(to: .float32).scalars(as: Float.self) }
        == after.map { $0.converted(to: .float32).scalars(as: Float.self) })
    func operations(_ model: Model) -> [JSON] {
      (model.getConfig()["config"]?["layers"]?.array ?? []).filter { $0["module"]?.string != "keras.layers" }
    }
    #expect(operations(copy) == operations(model))
  }

  @Test func whatKerasHasNoWordsForIsReadBack() throws {
    let x = Input(shape: [3, 4])
    let outputs = try [
      Ops.cumsum(x, axis: 1, isReversed: true), Ops.cumprod(x, axis: 2, isExclusive: true),
      Ops.countNonzero(x, axes: [1], keepsDimensions: true), Ops.norm(x, order: 1, axes: [1, 2]),
      Ops.activation(.relu(negativeSlope: 0.5), x), Ops.activation(.mish, x),
      Ops.resize(Ops.expandDimensions(x, axis: -1), height: 2, width: 2, interpolation: .area),
    ]
    try roundTrip(Model(inputs: [x], outputs: outputs))
  }

  @Test func numbersStandInPlaceOfTensors() throws {
    let x = Input(shape: [3])
    let model = try Model(inputs: x, outputs: 2 / (1 - x * 3) + 0.5)
    let result = try model.predict(Tensor([0, 1, -1] as [Float]).reshaped(to: [1, 3]))
    #expect(result.scalars(as: Float.self) == [2.5, -0.5, 1])
    try roundTrip(model)
    let layers = model.getConfig()["config"]?["layers"]?.array ?? []
    #expect(
      layers.compactMap { $0["class_name"]?.string } == [
        "InputLayer", "Multiply", "Subtract", "TrueDivide", "Add",
      ])
    #expect(layers[2]["inbound_nodes"]?[0]?["args"]?[0] == 1)
  }

  @Test func typesArePromoted() throws {
    let (whole, real) = (Tensor([7, -8] as [Int32]), Tensor([0.5, 2] as [Float]))
    #expect(try Ops.add(whole, real).scalars(as: Float.self) == [7.5, -6])
    #expect(try Ops.divide(whole, Tensor([2, 2] as [Int32])).scalars(as: Float.self) == [3.5, -4])
    #expect(try Ops.mean(whole).scalars(as: Float.self) == [-0.5])
    #expect(try Ops.add(whole, Tensor([true, false])).scalars(as: Int32.self) == [8, -8])
    #expect(
      DataType.int8.promotedName(.uint8) == "int16" && DataType.float16.promotedName(.bfloat16) == "float32")
  }

  @Test func functionsOfTheProgramAreNotSaved() throws {
    let x = Input(shape: [3])
    let sums = try Ops.scan(state: x, over: Ops.stack([x, x])) { (state, element) throws(KerasError) in
      let sum = try Ops.add(state, element)
      return (sum, sum)
    }
    let model = try Model(inputs: x, outputs: sums.state)
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).keras").path
    let remedy =
      "  try: write it as a layer of your own, which files name, or use operations that Keras has a class for."
    #expect(
      message { () throws(KerasError) in try model.save(to: path) } == """
        `scan` is a function of this program; files hold only Keras' own operations.
          in: \(model.layers.last?.name ?? "")
        \(remedy)
        """)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(
      message { () throws(KerasError) in _ = try model.clone() } == """
        `scan` was a function of the program that wrote the model.
          in: \(model.name)
        \(remedy)
        """)
  }

  @Test(arguments: [
    ("Mean", #""axis": 7"#), ("Norm", #""ord": 1, "axis": [1, 2]"#), ("Reshape", #""newshape": "a""#),
    ("Reshape", ""),
    ("Clip", #""x_min": "a", "x_max": 1"#), ("Fft", ""), ("Cast", #""dtype": "float7""#), ("Conv", ""),
    ("Pad", #""pad_width": [[1]], "mode": "wrap""#),
    ("Pad", #""pad_width": [[0, 0], [9, 9], [0, 0]], "mode": "reflect""#),
    ("Slice", #""shape": [1, 2]"#), ("Resize", #""size": [0, 2]"#),
    ("Tile", #""repeats": [1152921504606846976]"#),
    ("Scatter", #""shape": [1099511627776, 1099511627776]"#), ("Round", #""decimals": 4000000000"#),
    ("Split", #""indices_or_sections": 5, "axis": 1"#), ("DepthToSpace", #""block_size": 1099511627776"#),
    ("OneHot", #""num_classes": -1"#), ("Repeat", #""repeats": -1, "axis": 1"#),
    ("Transpose", #""axes": [0, 1, 9]"#),
    ("Roll", #""shift": [1, 2, 3], "axis": [1, 2]"#), ("ExpandDims", #""axis": 9223372036854775807"#),
  ]) func wrongSettingsAreErrors(_ className: String, _ settings: String) throws {
    let name: JSONObject = ["name": "operation"]
    let config = try (JSON(parsing: "{\(settings)}").object ?? [:]).reduce(into: name) {
      $0[$1.key] = $1.value
    }
    let tensor: JSON = [
      "class_name": "__keras_tensor__",
      "config": ["shape": [.null, 3, 4], "dtype": "float32", "keras_history": ["x", 0, 0]],
    ]
    let shape: JSON = [.null, 3, 4]
    let input: JSON = ["name": "x", "batch_shape": shape, "dtype": "float32"]
    var layers: [JSON] = [["class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": input]]
    let operation: JSON = [
      "class_name": .string(className), "module": "keras.src.ops.numpy", "name": "operation",
      "config": .object(config), "inbound_nodes": [["args": [tensor], "kwargs": [:]]],
    ]
    layers.append(operation)
    let model: JSON = [
      "name": "model", "layers": .array(layers), "input_layers": ["x", 0, 0],
      "output_layers": ["operation", 0, 0],
    ]
    let json: JSON = ["class_name": "Functional", "module": "keras.src.models.functional", "config": model]
    let error = message { () throws(KerasError) in _ = try Model.fromConfig(json) }
    #expect(error != nil)
  }
}

extension DataType {
  /// What a sum of both is.
  fileprivate func promotedName(_ other: DataType) -> String? {
    try? Ops.add(Tensor(zeros: [1], self), Tensor(zeros: [1], other)).dataType.rawValue
  }
}
