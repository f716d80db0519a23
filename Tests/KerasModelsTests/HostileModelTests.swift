import Foundation
import KerasFiles
import Testing

@testable import KerasModels

/// Architectures and files from hostile hands load or throw a `KerasError`; none crashes, hangs or asks for memory
/// before it has been checked. `KERAS_FUZZ_ROUNDS` asks for more than the 20 changes of each model.
@Suite(.serialized) struct HostileModelTests {
  static let rounds = ProcessInfo.processInfo.environment["KERAS_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20

  /// Where the last change is written before it is read, to know what crashed.
  static let trace = ProcessInfo.processInfo.environment["KERAS_FUZZ_TRACE"]

  @Test(arguments: HostileModels.all)
  func changedArchitecturesLoadOrThrow(_ sound: HostileModels) throws {
    let whole = try Session.withFresh { try sound.model().getConfig() }
    // Unchanged, it is sound.
    try use(Session.withFresh { () throws(KerasError) in try Model.fromJSON(whole.text()) })
    let before = residentPeak()
    var loaded = 0
    for round in 0..<Self.rounds {
      var mutator = ArchitectureMutator(seed: UInt64(round) << 8 | UInt64(sound.rawValue.utf8.count))
      let text = mutator.changed(whole).text()
      if let trace = Self.trace { try Data("\(sound) \(text)".utf8).write(to: URL(filePath: trace)) }
      do throws(KerasError) {
        try use(Session.withFresh { () throws(KerasError) in try Model.fromJSON(text) })
        loaded += 1
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    // Nothing here needs more: a weight's memory is taken when its value is first asked for.
    #expect(residentPeak() - before < 1 << 30)
    #expect(loaded < Self.rounds)
  }

  /// The same for architectures that Keras wrote, where they are there.
  @Test func changedArchitecturesOfKerasLoadOrThrow() throws {
    let beside = goldens.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "shared").path
    let shared = ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"] ?? beside
    let folder = URL(filePath: shared).appending(path: "golden/saved")
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    for (number, file) in files.enumerated() where file.hasSuffix("keras") || file.hasSuffix("-h5.h5") {
      let path = folder.appending(path: file).path
      let whole = try Session.withFresh { () throws(KerasError) in try Model.load(from: path) }.getConfig()
      for round in 0..<Self.rounds / 4 {
        var mutator = ArchitectureMutator(seed: UInt64(1 << 20 + number << 10 + round))
        let text = mutator.changed(whole).text()
        if let trace = Self.trace { try Data("\(file) \(text)".utf8).write(to: URL(filePath: trace)) }
        do throws(KerasError) {
          try use(Session.withFresh { () throws(KerasError) in try Model.fromJSON(text) })
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  /// The same for models of operations, Keras' and TensorFlow's.
  @Test(arguments: ["operations.json", "operations-tf.json"])
  func changedOperationsLoadOrThrow(_ file: String) throws {
    for (number, sound) in try OperationFileTests.Case.all(in: file).enumerated() {
      for round in 0..<max(Self.rounds / 4, 1) {
        var mutator = ArchitectureMutator(seed: UInt64(1 << 30 + number << 12 + round))
        let text = mutator.changed(sound.model).text()
        if let trace = Self.trace { try Data("\(sound.name) \(text)".utf8).write(to: URL(filePath: trace)) }
        do throws(KerasError) {
          try use(Session.withFresh { () throws(KerasError) in try Model.fromJSON(text) })
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  /// Shapes, a summary and, for inputs of known size, the graph.
  private func use(_ model: Model) throws(KerasError) {
    _ = try model.summary()
    _ = model.toJSON()
    let shapes = model.inputs.map { [2] + $0.shape.dropFirst().map { $0 ?? 3 } }
    guard !shapes.isEmpty, model.parameterCount < 1 << 24,
      shapes.allSatisfy({ (checkedElementCount($0) ?? .max) < 1 << 20 })
    else { return }
    _ = try model.lowered(for: shapes)
  }

  /// Whole files that we wrote, with changed bytes and with changed architectures.
  @Test(arguments: [HostileModels.convolutional, .recurrent, .branched])
  func changedFilesLoadOrThrow(_ sound: HostileModels) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try Session.withFresh { try sound.model() }
    for name in ["m.keras", "m.h5", "m.json"] {
      let path = folder.appending(path: name).path
      try model.save(to: path)
      let whole = try Data(contentsOf: URL(filePath: path))
      for round in 0..<Self.rounds {
        var bytes = whole
        let random = CounterRandom(seed: 3)
        for change in 0..<4 {
          let bits = random.bits(stream: UInt64(round), at: UInt64(change))
          bytes[Int(bits >> 8) % bytes.count] = UInt8(truncatingIfNeeded: bits)
        }
        if round % 5 == 0 {
          bytes.removeLast(Int(random.bits(stream: 9, at: UInt64(round)) >> 8) % bytes.count)
        }
        try bytes.write(to: URL(filePath: path))
        if let trace = Self.trace { try bytes.write(to: URL(filePath: trace + "." + name)) }
        do throws(KerasError) {
          try use(Session.withFresh { () throws(KerasError) in try Model.load(from: path) })
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  /// One layer with settings that ask for more than there is.
  @Test(arguments: [
    #"{"class_name": "Dense", "config": {"units": 4611686018427387904}}"#,
    #"{"class_name": "Dense", "config": {"units": -3}}"#,
    #"{"class_name": "Dense", "config": {"units": NaN}}"#,
    #"{"class_name": "Dense", "config": {"units": 10, "kernel_initializer": {"class_name": "Lambda", "config": {}}}}"#,
    #"{"class_name": "LSTM", "config": {"units": 2305843009213693951}}"#,
    #"{"class_name": "Reshape", "config": {"target_shape": [-1, 9223372036854775807]}}"#,
    #"{"class_name": "Reshape", "config": {"target_shape": [-1, -1]}}"#,
    #"{"class_name": "RepeatVector", "config": {"n": 9223372036854775807}}"#,
    #"{"class_name": "Embedding", "config": {"input_dim": 9223372036854775807, "output_dim": 9223372036854775807}}"#,
    #"{"class_name": "Permute", "config": {"dims": [-9223372036854775808]}}"#,
    #"{"class_name": "NoSuchLayer", "config": {}}"#,
    #"{"class_name": "os>system", "module": "os", "registered_name": "os>system", "config": {"command": "true"}}"#,
    #"{"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAA"}}}}"#,
    #"{"class_name": "Lambda", "config": {"function": ["4wEAAAAAAAAA", null, null], "function_type": "lambda"}}"#,
  ])
  func hostileLayersAreRefused(_ layer: String) {
    let text =
      #"{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "InputLayer", "config": "#
      + #"{"batch_shape": [null, 8], "dtype": "float32", "name": "i"}}, \#(layer)]}}"#
    #expect(throws: KerasError.self) { try Model.fromJSON(text) }
  }

  /// More weights than can be counted.
  @Test func countsDoNotOverflow() throws {
    let layers = (0..<20).map { _ in Dense(units: 1 << 30, usesBias: false) }
    let model = Sequential([InputLayer(batchShape: [nil, 1 << 30])] + layers)
    #expect(model.parameterCount == .max)
    #expect(try model.summary().contains("Total params: 9,223,372,036,854,775,807 (8192.00 PB)"))
  }

  /// A model that no machine holds can be looked at, but not run.
  @Test func modelsLargerThanMemoryAreRefused() throws {
    let model = Sequential {
      Input(shape: [1 << 20])
      Dense(units: 1 << 30, name: "huge")
    }
    #expect(model.parameterCount == (1 << 50) + 1 << 30)
    let found = message { () throws(KerasError) in _ = try model.lowered(for: [[1, 1 << 20]]) }
    #expect(found?.hasPrefix("The weights need 4.00 PB of memory, and this machine has ") == true)
  }

  /// Layers that read each other, in every spelling of calls.
  @Test(arguments: [#"[[["b", 0, 0, {}]]]"#, #"[[["a", 0, 0]]]"#, #"[[["i", 0, 0, {}], ["b", 5, 0, {}]]]"#])
  func circlesAreRefused(_ nodes: String) {
    let text = """
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "name": "i", "config": {"batch_shape": [null, 4], "name": "i"},
         "inbound_nodes": []},
        {"class_name": "Add", "name": "a", "config": {"name": "a"}, "inbound_nodes": \(nodes)},
        {"class_name": "Dense", "name": "b", "config": {"name": "b", "units": 4},
         "inbound_nodes": [[["a", 0, 0, {}]]]}],
        "input_layers": [["i", 0, 0]], "output_layers": [["b", 0, 0]]}}
      """
    #expect(
      message { () throws(KerasError) in _ = try Model.fromJSON(text) } == """
        The layer `a` reads tensors that nothing makes.
          in: m
        """)
  }

  @Test func doubledNamesAreRefused() {
    let layer = #"{"class_name": "Dense", "config": {"name": "d", "units": 4}}"#
    let text = #"""
      {"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "InputLayer", "config":
        {"batch_shape": [null, 4], "name": "i"}}, \#(layer), \#(layer)]}}
      """#
    #expect(throws: KerasError.self) { try Model.fromJSON(text) }
  }

  /// As deep as JSON may be, and a chain of many layers.
  @Test func deepModelsLoadOrThrow() throws {
    let open = #"{"class_name": "Sequential", "config": {"layers": ["#
    let wrapper = #"{"class_name": "TimeDistributed", "config": {"layer": "#
    for (opening, closing) in [(open, "]}}"), (wrapper, "}}")] {
      for depth in [100, 10_000] {
        let text = String(repeating: opening, count: depth) + String(repeating: closing, count: depth)
        // A hundred empty models in each other are a model.
        let loads = message { () throws(KerasError) in _ = try Model.fromJSON(text) } == nil
        #expect(loads == (depth == 100 && opening == open))
      }
    }
    let input = #"{"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "i"}}"#
    let layers = (0..<10_000).map {
      #"{"class_name": "Activation", "config": {"name": "\#($0)", "activation": "relu"}}"#
    }
    let text =
      #"{"class_name": "Sequential", "config": {"layers": [\#(([input] + layers).joined(separator: ","))]}}"#
    #expect(try Model.fromJSON(text).layers.count == 10_000)
  }

  /// Names that lead out of a folder stay inside the file.
  @Test(arguments: ["../../escaped", "/escaped", "a/../../escaped"])
  func namesDoNotLeaveTheFile(_ name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)/in/side")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let outer = folder.deletingLastPathComponent().deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: outer) }
    let model = Sequential(name: name) {
      Input(shape: [2])
      Dense(units: 1, name: name)
    }
    for file in ["m.keras", "m.h5"] {
      let path = folder.appending(path: file).path
      do throws(KerasError) {
        try model.save(to: path)
        let again = try Model.load(from: path)
        #expect(again.layers[0].name == name)
      } catch {
        #expect(error.kind == .invalidArgument)
      }
    }
    let found = try FileManager.default.subpathsOfDirectory(atPath: outer.path)
    #expect(Set(found).isSubset(of: ["in", "in/side", "in/side/m.keras", "in/side/m.h5"]))
  }

  /// The most memory the process had, in bytes.
  private func residentPeak() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
