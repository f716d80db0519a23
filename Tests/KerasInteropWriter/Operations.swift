import KerasModels

extension Architectures {
  /// Every function of `Ops` that Keras has a class for, each an output; none loses the axis of the samples.
  static func operations() throws(KerasError) -> Model {
    let (a, b) = (Input(shape: [3, 4], name: "a"), Input(shape: [3, 4], name: "b"))
    let image = Input(shape: [5, 6, 4], name: "image")
    let outputs =
      try functions(a) + arithmetic(a, b) + reductions(a) + movements(a, b) + choices(a, b)
      + networks(a, b, image)
    return try Model(inputs: [a, b, image], outputs: outputs, name: "operations")
  }

  private static func functions(_ x: SymbolicTensor) throws(KerasError) -> [SymbolicTensor] {
    let positive = try Ops.abs(x) + 0.25
    var results = try [
      Ops.relu(x), Ops.relu6(x * 8), Ops.sigmoid(x), Ops.tanh(x), Ops.softplus(x), Ops.softsign(x),
      Ops.exp(x),
      Ops.expm1(x), Ops.log(positive), Ops.log1p(positive), Ops.sqrt(positive), Ops.rsqrt(positive),
      Ops.reciprocal(positive), Ops.square(x), Ops.negative(x), Ops.sign(x), Ops.floor(x * 3),
      Ops.ceil(x * 3),
      Ops.round(x * 3), Ops.round(x, decimals: 1), Ops.sin(x), Ops.cos(x), Ops.tan(x), Ops.arcsin(x),
      Ops.arccos(x),
      Ops.arctan(x), Ops.sinh(x), Ops.cosh(x), Ops.erf(x), Ops.clip(x, low: -0.5, high: 0.25), Ops.softmax(x),
      Ops.logSoftmax(x, axis: 1), -x,
    ]
    let activations: [ActivationFunction] = [
      .relu, .relu(negativeSlope: 0.25, maximum: 2, threshold: 0), .leakyRelu(negativeSlope: 0.3),
      .elu(alpha: 0.5),
      .selu, .celu, .gelu, .gelu(isApproximate: true), .silu, .hardSilu, .hardSigmoid, .sparseSigmoid,
      .logSigmoid,
      .hardTanh, .tanhShrink, .softShrink(threshold: 0.2), .hardShrink, .threshold(0.1, otherwise: -1),
      .squareplus,
      .sparsePlus, .mish, .glu, .exponential, .sparsemax, .linear,
    ]
    for activation in activations { results.append(try Ops.activation(activation, x)) }
    return results
  }

  private static func arithmetic(
    _ a: SymbolicTensor, _ b: SymbolicTensor
  ) throws(KerasError) -> [SymbolicTensor] {
    let (isPositive, isLess) = try (Ops.greater(a, Ops.zerosLike(a)), Ops.less(a, b))
    let truths = try [
      isPositive, isLess, Ops.equal(a, a), Ops.notEqual(a, b), Ops.lessEqual(a, b), Ops.greaterEqual(a, b),
      Ops.logicalAnd(isPositive, isLess), Ops.logicalOr(isPositive, isLess),
      Ops.logicalXor(isPositive, isLess),
      Ops.logicalNot(isPositive), Ops.isNaN(a),
    ]
    var results = try [
      a + b, a - b, a * b, a / (b + 2), 1 - a, 2 / (a + 3), a * 0.5 + 1, Ops.add(a, b), Ops.subtract(a, b),
      Ops.multiply(a, b), Ops.divide(a, b + 2), Ops.floorDivide(a * 9, b + 2), Ops.mod(a * 9, b + 2),
      Ops.maximum(a, b), Ops.minimum(a, b), Ops.power(Ops.exp(a), b), Ops.arctan2(a, b),
      Ops.divideNoNaN(a, Ops.relu(b)), Ops.where(isLess, a, b),
    ]
    for truth in truths { results.append(try Ops.cast(truth, to: .float32)) }
    return results
  }

  private static func reductions(_ x: SymbolicTensor) throws(KerasError) -> [SymbolicTensor] {
    try [
      Ops.sum(x, axes: [1]), Ops.mean(x, axes: [1, 2], keepsDimensions: true), Ops.prod(x, axes: [-1]),
      Ops.max(x, axes: [1]), Ops.min(x, axes: [2]), Ops.variance(x, axes: [1]),
      Ops.standardDeviation(x, axes: [-1]),
      Ops.logSumExp(x, axes: [1, 2]), Ops.cast(Ops.any(Ops.relu(x), axes: [1]), to: .float32),
      Ops.cast(Ops.all(Ops.relu(x), axes: [1]), to: .float32), Ops.countNonzero(Ops.relu(x), axes: [1]),
      Ops.norm(x, axes: [-1]), Ops.norm(x, order: 3, axes: [1]),
      Ops.norm(x, axes: [1, 2], keepsDimensions: true),
      Ops.norm(x, order: .infinity, axes: [2]), Ops.normalize(x, axes: [1]), Ops.argmax(x),
      Ops.argmin(x, axis: 1),
      Ops.cumsum(x, axis: 1), Ops.cumprod(x, axis: -1),
    ]
  }

  private static func movements(
    _ a: SymbolicTensor, _ b: SymbolicTensor
  ) throws(KerasError) -> [SymbolicTensor] {
    let results = try [
      Ops.reshape(a, to: [-1, 2, 6]), Ops.transpose(a, axes: [0, 2, 1]), Ops.expandDimensions(a, axis: -1),
      Ops.squeeze(Ops.expandDimensions(a, axis: 1), axes: [1]), Ops.concatenate([a, b], axis: -1),
      Ops.stack([a, b], axis: 1), Ops.slice(a, axis: 1, from: 1), Ops.slice(a, axis: -1, from: 1, count: 2),
      Ops.slice(a, .all, .at(-1), .range(nil, nil, step: -2)), Ops.slice(a, .ellipsis, .newAxis, .to(3)),
      Ops.slice(a, from: [0, 1, 0], lengths: [-1, 2, 3]), Ops.tile(a, [1, 2, 1]),
      Ops.repeatElements(a, 2, axis: 1),
      Ops.flip(a, axes: [1]), Ops.roll(a, by: 1, axis: 2), Ops.swapAxes(a, 1, 2),
      Ops.moveAxis(a, from: 1, to: 2),
      Ops.pad(a, [.none, AxisPadding(1, 2), AxisPadding(0, 1)]),
      Ops.pad(a, [.none, AxisPadding(1, 2), .none], value: 0.5),
      Ops.pad(a, [.none, AxisPadding(1, 2), AxisPadding(3, 0)], mode: .reflect),
      Ops.pad(a, [.none, AxisPadding(1, 3), .none], mode: .symmetric), Ops.cast(a * 5, to: .int32),
      Ops.stopGradient(a), Ops.onesLike(a),
    ]
    return try results + Ops.unstack(a, axis: 1) + Ops.split(a, into: 2, axis: -1)
      + Ops.split(b, at: [1, 2], axis: 1)
  }

  private static func choices(
    _ a: SymbolicTensor, _ b: SymbolicTensor
  ) throws(KerasError) -> [SymbolicTensor] {
    let places = try Ops.argsort(b, axis: 1)
    let top = try Ops.topK(a, count: 2)
    return try [
      Ops.takeAlongAxis(a, places, axis: 1), Ops.oneHot(Ops.argmax(a), classes: 4), Ops.sort(a),
      Ops.argsort(a), top.values, top.positions,
      Ops.take(Ops.slice(a, .all, .at(0)), Ops.slice(places, .at(0), .all, .at(0)), axis: 1),
    ]
  }

  private static func networks(
    _ a: SymbolicTensor, _ b: SymbolicTensor, _ image: SymbolicTensor
  ) throws(KerasError) -> [SymbolicTensor] {
    try [
      Ops.matmul(a, Ops.transpose(b, axes: [0, 2, 1])), Ops.einsum("bij,bkj->bik", [a, b]),
      Ops.maxPool(image, size: [2, 2], padding: .same),
      Ops.averagePool(image, size: [2, 3], strides: [1, 2]),
      Ops.resize(image, height: 7, width: 4), Ops.resize(image, height: 3, width: 3, interpolation: .nearest),
      Ops.resize(image, height: 3, width: 4, interpolation: .bicubic, antialiases: true),
      Ops.resize(image, height: 4, width: 4, fitting: .crop),
      Ops.resize(image, height: 9, width: 4, fitting: .pad(0.5)),
      Ops.depthToSpace(image, size: 2), Ops.spaceToDepth(Ops.resize(image, height: 4, width: 4), size: 2),
    ]
  }

  /// Operations between layers: attention by hand, with a shared projection.
  static func attentionByHand() throws(KerasError) -> Model {
    let sequence = Input(shape: [6, 8])
    let projection = Dense(units: 8, usesBias: false, name: "projection")
    let (queries, keys) = (projection(sequence), projection(sequence * 0.5))
    let scores = try Ops.matmul(queries, Ops.transpose(keys, axes: [0, 2, 1])) / 8.0.squareRoot()
    let mixed = try Ops.matmul(Ops.softmax(scores), sequence)
    let pooled = try Ops.mean(LayerNormalization()(sequence + mixed), axes: [1])
    return try Model(
      inputs: sequence, outputs: Dense(units: 3)(Ops.concatenate([pooled, Ops.max(mixed, axes: [1])])))
  }
}
