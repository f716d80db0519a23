import KerasLayers
import Testing

@Suite struct RegularizerTests {
  static let spellings: [(json: JSON, className: String, config: JSONObject)] = [
    ("l1", "L1", ["l1": 0.01]), ("l2", "L2", ["l2": 0.01]), ("l1_l2", "L1L2", ["l1": 0.01, "l2": 0.01]),
    ("L1L2", "L1L2", ["l1": 0.0, "l2": 0.0]),
    (["class_name": "L1L2", "config": ["l2": 0.5]], "L1L2", ["l1": 0.0, "l2": 0.5]),
    // Keras 1.
    (["name": "WeightRegularizer", "l1": 0.0, "l2": 0.25], "L1L2", ["l1": 0.0, "l2": 0.25]),
    ("orthogonal_regularizer", "OrthogonalRegularizer", ["factor": 0.01, "mode": "rows"]),
  ]

  @Test(arguments: spellings.indices) func readsEverySpelling(index: Int) throws {
    let (json, className, config) = Self.spellings[index]
    let regularizer = try Regularizers.make(json)
    #expect(regularizer.className == className)
    #expect(regularizer.config == config)
  }

  @Test func isWrittenAsKerasDoes() {
    let regularizer: (any Regularizer)? = .l2(0.5)
    #expect(
      JSON(regularizer) == [
        "module": "keras.regularizers", "class_name": "L2", "config": ["l2": 0.5], "registered_name": nil,
      ])
    #expect(JSON(nil as (any Regularizer)?) == JSON.null)
  }

  @Test func saysWhatIsWrong() {
    func message(_ json: JSON) -> String? {
      #expect(throws: KerasError.self) { try Regularizers.make(json) }?.description
    }
    #expect(
      message(["class_name": "L2", "config": ["l2": -1.0]])
        == "The setting `l2` must be a number from 0 up, found -1.0.\n  in: L2")
    #expect(
      message(["class_name": "L3", "config": [:]])
        == "There is no regularizer called `L3`.\n  try: did you mean L1, L2? Or register a class of your own "
        + "under `L3`.")
    let graph = GraphBuilder()
    let x = graph.input(TensorSpec([3, 4, 5]))
    #expect(
      #expect(throws: KerasError.self) { try OrthogonalRegularizer().loss(of: x, in: graph) }?.description
        == "An orthogonal regularizer takes a matrix, found (3, 4, 5).")
  }
}
