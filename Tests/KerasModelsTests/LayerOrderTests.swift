import Foundation
import KerasModels
import Testing

/// The order of layers against Keras', on random graphs made by `Tests/Goldens/make_models.py`.
@Suite struct LayerOrderTests {
  /// Tensors are numbered: inputs first, then one a call.
  struct Graph: Decodable, Sendable {
    let inputCount: Int
    let calls: [Call]
    let inputs: [Int]
    let outputs: [Int]
    /// Nil where Keras refuses; `*` stands for the input of a model that begins in the middle.
    let layers: [String]?
    let isChain: Bool?

    struct Call: Decodable, Sendable {
      let layer: String
      let sources: [Int]

      init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        layer = try parts.decode(String.self)
        sources = try parts.decode([Int].self)
      }
    }

    func model() throws(KerasError) -> Model {
      var tensors = (0..<inputCount).map { Input(shape: [4], name: "input_\($0)") }
      var layers: [String: Layer] = [:]
      for call in calls {
        let layer =
          layers[call.layer]
          ?? (call.layer.hasPrefix("add") ? Add(name: call.layer) : Dense(units: 4, name: call.layer))
        layers[call.layer] = layer
        tensors.append(layer(call.sources.map { tensors[$0] }))
      }
      return try Model(inputs: inputs.map { tensors[$0] }, outputs: outputs.map { tensors[$0] })
    }
  }

  @Test func isKeras() throws {
    let graphs = try JSONDecoder().decode(
      [Graph].self, from: Data(contentsOf: goldens.appending(path: "orders.json")))
    #expect(graphs.count > 100)
    for (number, graph) in graphs.enumerated() {
      guard let expected = graph.layers else {
        #expect(throws: KerasError.self, "graph \(number)") { try graph.model() }
        continue
      }
      let model = try graph.model()
      let given = Set(graph.calls.map(\.layer) + (0..<graph.inputCount).map { "input_\($0)" })
      #expect(model.layers.map { given.contains($0.name) ? $0.name : "*" } == expected, "graph \(number)")
      #expect(try model.summary().contains("Connected to") == !(graph.isChain ?? true), "graph \(number)")
      // Every call stands after those it needs, and the whole can be lowered.
      #expect(throws: Never.self, "graph \(number)") {
        try model.lowered(for: model.inputs.map { _ in [2, 4] }).verify()
      }
    }
  }

  @Test func thousandsOfLayersOnASmallStack() throws {
    try inThreads(1, stackSize: 256 << 10) { _ in
      var x = Input(shape: [2])
      let first = x
      for _ in 0..<3000 { x = Activation(.relu)(x) }
      let model = try Model(inputs: first, outputs: x)
      #expect(model.layers.count == 3001)
      #expect(try model.predict(Tensor([1, -1] as [Float], shape: [1, 2])).scalars() == [1, 0] as [Float])
      #expect(try model.summary(lineLength: 80).count > 3001 * 80)
    }
  }

  @Test func disconnected() throws {
    let (a, b) = (Input(shape: [3], name: "a"), Input(shape: [3], name: "b"))
    let sum = Add()([a, b])
    #expect(
      message { () throws(KerasError) in _ = try Model(inputs: a, outputs: sum) } == """
        An output depends on `b`, which is not among the inputs.
          try: pass that input to Model(inputs:outputs:) as well.
        """)
    #expect(
      message { () throws(KerasError) in _ = try Model(inputs: [], outputs: [sum]) }
        == "A model needs at least one input and one output.")
    #expect(
      message { () throws(KerasError) in _ = try Model(inputs: [a, b], outputs: []) }
        == "A model needs at least one input and one output.")
  }

  @Test func duplicateNames() throws {
    let a = Input(shape: [3])
    let y = Dense(units: 3, name: "twin")(Dense(units: 3, name: "twin")(a))
    #expect(
      message { () throws(KerasError) in _ = try Model(inputs: a, outputs: y, name: "net") } == """
        Two layers are called `twin`.
          in: net
          try: give one of them another name.
        """)
  }

  @Test func namesOfModels() throws {
    try Session.withFresh { () throws in
      let a = Input(shape: [3])
      #expect(try Model(inputs: a, outputs: a).name == "functional")
      #expect(try Model(inputs: a, outputs: a, name: "own").name == "own")
      #expect(try Model(inputs: a, outputs: a).name == "functional_1")
    }
  }
}
