import Testing

@testable import KerasModels

/// Which number files give the first call of a layer.
struct CallNumberingTests {
  private static let dense = Dense(units: 2)
  private static func functional() throws -> Model {
    let x = Input(shape: [2])
    return try Model(inputs: x, outputs: Dense(units: 2)(x))
  }
  private static let entryWithMask: JSON = ["inbound_nodes": [["args": [], "kwargs": ["mask": nil]]]]
  private static let entryWithout: JSON = ["inbound_nodes": [["args": [], "kwargs": [:]]]]

  @Test func plainLayersBeginAt0() {
    for numbering in [CallNumbering.keras2, .history, .boundary] {
      #expect(numbering.firstCall(of: Self.dense, Self.entryWithMask) == 0)
    }
    #expect(CallNumbering.firstCallAtBoundary(of: Self.dense) == 0)
  }

  @Test func connectedModelsBeginAt1InKeras2() throws {
    #expect(try CallNumbering.keras2.firstCall(of: Self.functional(), Self.entryWithout) == 1)
  }

  @Test func connectedModelsOfKeras3BeginAt1AtTheBoundaryAlone() throws {
    let model = try Self.functional()
    #expect(CallNumbering.history.firstCall(of: model, Self.entryWithMask) == 0)
    #expect(CallNumbering.boundary.firstCall(of: model, Self.entryWithMask) == 1)
    #expect(CallNumbering.firstCallAtBoundary(of: model) == 1)
  }

  /// Files that this package wrote before it stored masks count from 0.
  @Test func callsWithoutMasksBeginAt0() throws {
    #expect(try CallNumbering.boundary.firstCall(of: Self.functional(), Self.entryWithout) == 0)
  }

  /// In Keras 2, one that was made with an input begins at 1; in Keras 3 none does.
  @Test(
    arguments: [
      (#"{"class_name":"InputLayer","config":{"batch_shape":[null,2]}}"#, 1),
      (#"{"class_name":"Dense","config":{"units":2,"batch_input_shape":[null,2]}}"#, 1),
      (#"{"class_name":"Dense","config":{"units":2,"input_dim":2}}"#, 1),
      (#"{"class_name":"Embedding","config":{"input_dim":2,"output_dim":2}}"#, 0),
      (#"{"class_name":"Embedding","config":{"input_dim":2,"batch_input_shape":[null,2]}}"#, 1),
      (#"{"class_name":"Dense","config":{"units":2}}"#, 0),
      (#"{"class_name":"Functional","config":{"input_layers":[["x",0,0]]}}"#, 1),
    ])
  func sequentialModels(_ first: String, _ number: Int) throws {
    let entry = try JSON(parsing: #"{"config":{"layers":[\#(first)]},"inbound_nodes":[]}"#)
    let model = Sequential([InputLayer(batchShape: [nil, 2]), Dense(units: 2)])
    #expect(CallNumbering.keras2.firstCall(of: model, entry) == number)
    #expect(CallNumbering.boundary.firstCall(of: model, Self.entryWithMask) == 0)
    #expect(CallNumbering.firstCallAtBoundary(of: model) == 0)
  }

  @Test func theFirstCallTellsTheGeneration() throws {
    let old: JSON = ["inbound_nodes": [[["x", 0, 0, [:]]]]]
    func numbering(_ layers: [JSON], _ version: KerasVersion) -> CallNumbering {
      CallNumbering(ofBoundaryOf: layers, version: version)
    }
    #expect(numbering([Self.entryWithMask], .keras2) == .boundary)
    #expect(numbering([["inbound_nodes": []], old], .keras3) == .keras2)
    #expect(numbering([], .keras3) == .boundary)
    #expect(numbering([], .keras2) == .keras2)
  }
}
