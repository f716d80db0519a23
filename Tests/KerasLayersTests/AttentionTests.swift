import KerasModels
import Testing

/// Attention: shapes, names in files, settings, calls and refusals. Values and masks are golden cases.
@Suite struct AttentionTests {
  @Test func shapesOfUnknownSteps() {
    let (query, value) = (Input(shape: [nil, 6]), Input(shape: [nil, 5]))
    let heads = MultiHeadAttention(heads: 2, keySize: 3, valueSize: 4)
    #expect(heads(query: query, value: value, usesCausalMask: true).shape == [nil, nil, 6])
    let scored = heads.withScores(query: query, value: value)
    #expect(scored.output.shape == [nil, nil, 6] && scored.scores.shape == [nil, 2, nil, nil])
    let wide = MultiHeadAttention(heads: 2, keySize: 3, outputShape: [2, 7], slidingWindow: 3)
    #expect(wide(query: query, value: value).shape == [nil, nil, 2, 7])
    let grid = MultiHeadAttention(heads: 2, keySize: 3, attentionAxes: [1, 2])
    #expect(
      grid(query: Input(shape: [nil, 4, 6]), value: Input(shape: [3, nil, 6])).shape == [nil, nil, 4, 6])
    let grouped = GroupedQueryAttention(headDimension: 3, queryHeads: 4, keyValueHeads: 2)
    #expect(grouped(query: query, value: value).shape == [nil, nil, 6])
    #expect(grouped.withScores(query: query, value: value).scores.shape == [nil, 4, nil, nil])
    for attention in [Attention(usesScale: true), Attention(scoreMode: .concat), AdditiveAttention()] {
      let result = attention.withScores(query: query, value: Input(shape: [nil, 6]), usesCausalMask: true)
      #expect(result.output.shape == [nil, nil, 6] && result.scores.shape == [nil, nil, nil])
    }
  }

  /// As Keras 3.15's `.weights.h5` files have them.
  @Test func attributesInFiles() {
    let x = Input(shape: [4, 6])
    let heads = MultiHeadAttention(heads: 2, keySize: 3, usesGate: true)
    _ = heads(query: x, value: x)
    #expect(
      heads.children.map(\.attribute) == [
        "query_dense", "key_dense", "_gate_dense", "value_dense", "_softmax", "_dropout_layer",
        "output_dense",
      ])
    let grouped = GroupedQueryAttention(
      headDimension: 3, queryHeads: 4, keyValueHeads: 2, usesGate: true, name: "g")
    _ = grouped(query: x, value: x)
    #expect(
      grouped.children.map(\.attribute) == [
        "_query_dense", "_key_dense", "_gate_dense", "_value_dense", "_softmax", "_dropout_layer",
        "_output_dense",
      ])
    #expect(
      grouped.weights.map(\.path).filter { $0.hasSuffix("kernel") } == [
        "g/query/kernel", "g/key/kernel", "g/gate/kernel", "g/value/kernel", "g/attention_output/kernel",
      ])
    #expect(
      grouped.serialized.className == "GroupQueryAttention" && grouped.serialized.module == "keras.layers")
  }

  /// Keras makes a dropout and a softmax inside, whose automatic names count.
  @Test func automaticNames() {
    Session.withFresh {
      let x = Input(shape: [4, 6])
      _ = MultiHeadAttention(heads: 2, keySize: 3)(query: x, value: x)
      _ = GroupedQueryAttention(headDimension: 3, queryHeads: 4, keyValueHeads: 2)(query: x, value: x)
      #expect(Dropout(0.1).name == "dropout_2" && Softmax().name == "softmax_2")
    }
  }

  @Test func settings() throws {
    let layers: [Layer] = [
      Attention(usesScale: true, scoreMode: .concat, dropout: 0.2, seed: 3),
      AdditiveAttention(usesScale: false, dropout: 0.2, seed: 4),
      MultiHeadAttention(
        heads: 2, keySize: 3, valueSize: 4, dropout: 0.1, usesBias: false, outputShape: [5],
        attentionAxes: [1],
        slidingWindow: 2, kernelInitializer: .heNormal, biasInitializer: .ones, kernelRegularizer: .l1(0.1),
        biasRegularizer: .l2(0.2), activityRegularizer: .l2(0.3), kernelConstraint: .nonNegative,
        biasConstraint: .unitNorm, usesGate: true, seed: 5),
      GroupedQueryAttention(
        headDimension: 3, queryHeads: 4, keyValueHeads: 2, dropout: 0.1, usesBias: false, slidingWindow: 2,
        kernelRegularizer: .l1(0.1), activityRegularizer: .l2(0.3), usesGate: true, seed: 6),
    ]
    for layer in layers {
      let again = try Layers.deserialize(JSON(parsing: layer.serialized.json.text()))
      #expect(again.serialized.config == layer.serialized.config, "\(layer.className)")
      let x = TensorSpec([nil, 4, 6])
      #expect(try again.outputSpecs(for: [x, x]) == layer.outputSpecs(for: [x, x]))
      #expect(again.weights.map(\.shape) == layer.weights.map(\.shape))
    }
  }

  @Test func mistakes() {
    let x = Input(shape: [4, 6])
    func message(_ layer: Layer, _ inputs: [SymbolicTensor]) -> String? {
      layer.apply(to: inputs)[0].error?.description
    }
    #expect(
      message(Attention(name: "a"), [x])
        == "Attention takes a query, a value and perhaps a key, found 1 tensors.\n  in: a")
    #expect(
      message(MultiHeadAttention(heads: 2, keySize: 3, name: "m"), [x])
        == "MultiHeadAttention takes a query and a value, found query.\n  in: m")
    #expect(
      message(MultiHeadAttention(heads: 0, keySize: 3, name: "m"), [x, x])
        == "MultiHeadAttention takes positive sizes, found 0 heads, keys of 3 and values of 3.\n  in: m")
    #expect(
      message(MultiHeadAttention(heads: 2, keySize: 3, name: "m"), [x, Input(shape: [6])])
        == "MultiHeadAttention takes `[batch, steps, features]`, found float32(None, 6).\n  in: m")
    #expect(
      message(MultiHeadAttention(heads: 2, keySize: 3, name: "m"), [x, x, Input(shape: [5, 6])])
        == "Value and key have the same steps, found float32(None, 4, 6) and float32(None, 5, 6).\n  in: m")
    #expect(
      message(MultiHeadAttention(heads: 2, keySize: 3, attentionAxes: [2], name: "m"), [x, x])
        == "Axes that attend stand between batch and features, found [2].\n  in: m")
    #expect(
      message(MultiHeadAttention(heads: 2, keySize: 3, slidingWindow: 0, name: "m"), [x, x])
        == "A sliding window has at least one step, found 0.\n  in: m")
    #expect(
      message(
        MultiHeadAttention(heads: 2, keySize: 3, dropout: 0.1, usesFlashAttention: true, name: "m"), [x, x])
        == "Flash attention cannot drop weights, found dropout 0.1.\n  in: m")
    #expect(
      message(GroupedQueryAttention(headDimension: 3, queryHeads: 4, keyValueHeads: 3, name: "g"), [x, x])
        == "Heads of keys and values divide those of queries, found 3 and 4 of size 3.\n  in: g")
  }
}
