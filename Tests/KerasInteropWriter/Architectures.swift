import KerasModels

/// A model for the exchange of files with Python, and what its inputs hold.
struct Sample {
  let name: String
  /// Integers below this number, in place of real numbers: the input of embeddings.
  var vocabulary: Int?
  let model: Model
}

/// Models of as many kinds as files can differ in.
enum Architectures {
  /// One after the other, each with names that start anew.
  static func all() throws(KerasError) -> [Sample] {
    let makers: [(name: String, vocabulary: Int?, make: () throws(KerasError) -> Model)] = [
      ("mlp", nil, mlp), ("cnn", nil, cnn), ("separable", nil, separable), ("text", 40, text),
      ("bilstm", 30, bidirectional), ("gru", nil, gru), ("stacked_cells", nil, stackedCells),
      ("conv_lstm", nil, convLSTM), ("time_distributed", nil, timeDistributed), ("attention", nil, attention),
      ("two_by_two", nil, twoByTwo), ("shared", nil, shared), ("nested", nil, nested), ("u_net", nil, uNet),
      ("preprocessing", nil, preprocessing), ("adapted", 12, adapted), ("operations", nil, operations),
      ("attention_by_hand", nil, attentionByHand),
    ] + FieldKinds.all()
    var samples: [Sample] = []
    for (name, vocabulary, make) in makers {
      samples.append(
        try within(name) { () throws(KerasError) in
          Sample(name: name, vocabulary: vocabulary, model: try Session.withFresh(make))
        })
    }
    return samples
  }

  private static func mlp() -> Model {
    Sequential(name: "mlp") {
      Input(shape: [12])
      Dense(units: 16, activation: .relu, kernelRegularizer: .l2(0.001))
      Dropout(0.25)
      Dense(units: 8, activation: .tanh, biasInitializer: .constant(0.1))
      LeakyReLU(negativeSlope: 0.2)
      Dense(units: 3, activation: .softmax)
    }
  }

  private static func cnn() throws(KerasError) -> Model {
    let image = Input(shape: [16, 16, 3])
    var x = Conv2D(filters: 8, kernelSize: 3, padding: .same, usesBias: false)(image)
    x = BatchNormalization(momentum: 0.9)(x)
    x = PReLU(sharedAxes: [1, 2])(x)
    x = MaxPooling2D()(x)
    let branch = Conv2D(filters: 12, kernelSize: [3, 1], strides: 2, dilationRate: 1, activation: .elu)(x)
    x = SpatialDropout2D(0.1)(branch)
    x = GlobalAveragePooling2D()(x)
    return try Model(inputs: image, outputs: Dense(units: 5, activation: .sigmoid)(x))
  }

  private static func separable() throws(KerasError) -> Model {
    let image = Input(shape: [12, 12, 4])
    var x = SeparableConv2D(filters: 6, kernelSize: 3, depthMultiplier: 2, activation: .relu)(image)
    x = DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same, depthMultiplier: 2)(x)
    x = ReLU(maximum: 6)(x)
    x = ZeroPadding2D(vertical: .init(1, 0), horizontal: .init(0, 2))(x)
    x = AveragePooling2D(poolSize: 2)(x)
    x = Flatten()(x)
    return try Model(inputs: image, outputs: Dense(units: 4)(x))
  }

  private static func text() throws(KerasError) -> Model {
    let words = Input(shape: [20], dataType: .int32)
    var x = Embedding(inputDimension: 40, outputDimension: 8)(words)
    x = SpatialDropout1D(0.2)(x)
    x = Conv1D(filters: 10, kernelSize: 3, padding: .causal, dilationRate: 2, activation: .relu)(x)
    x = MaxPooling1D()(x)
    x = Conv1D(filters: 6, kernelSize: 3, padding: .same, activation: .tanh)(x)
    x = GlobalMaxPooling1D()(x)
    return try Model(inputs: words, outputs: Dense(units: 1, activation: .sigmoid)(x))
  }

  private static func bidirectional() throws(KerasError) -> Model {
    let words = Input(shape: [9], dataType: .int32)
    var x = Embedding(inputDimension: 30, outputDimension: 6, masksZero: true)(words)
    x = Bidirectional(LSTM(units: 5, returnsSequences: true))(x)
    x = Bidirectional(LSTM(units: 4, recurrentActivation: .hardSigmoid), mergeMode: .sum)(x)
    return try Model(inputs: words, outputs: Dense(units: 2, activation: .softmax)(x))
  }

  private static func gru() throws(KerasError) -> Model {
    let sequences = Input(shape: [7, 3])
    var x = GRU(units: 6, returnsSequences: true, resetsAfter: true)(sequences)
    x = GRU(units: 5, returnsSequences: true, goesBackwards: true, resetsAfter: false)(x)
    x = SimpleRNN(units: 4)(x)
    return try Model(inputs: sequences, outputs: x)
  }

  private static func stackedCells() throws(KerasError) -> Model {
    let sequences = Input(shape: [6, 3])
    let cells = RNN([LSTMCell(units: 5), GRUCell(units: 4)], returnsSequences: true)(sequences)
    return try Model(inputs: sequences, outputs: Dense(units: 2)(cells))
  }

  private static func convLSTM() throws(KerasError) -> Model {
    let clips = Input(shape: [4, 8, 8, 2])
    var x = ConvLSTM2D(filters: 3, kernelSize: 3, padding: .same, returnsSequences: true)(clips)
    x = BatchNormalization()(x)
    x = ConvLSTM2D(filters: 2, kernelSize: [3, 2], strides: 2)(x)
    return try Model(inputs: clips, outputs: GlobalAveragePooling2D()(x))
  }

  private static func timeDistributed() throws(KerasError) -> Model {
    let clips = Input(shape: [5, 10, 10, 1])
    var x = TimeDistributed(Conv2D(filters: 4, kernelSize: 3, activation: .relu))(clips)
    x = TimeDistributed(MaxPooling2D())(x)
    x = TimeDistributed(Flatten())(x)
    x = LSTM(units: 6)(x)
    return try Model(inputs: clips, outputs: Dense(units: 3)(x))
  }

  private static func attention() throws(KerasError) -> Model {
    let sequences = Input(shape: [6, 8])
    let normal = LayerNormalization(epsilon: 1e-6)(sequences)
    let seen = MultiHeadAttention(heads: 2, keySize: 4, dropout: 0.1)(query: normal, value: normal)
    var x = Add()([sequences, seen])
    let hidden = Dense(units: 16, activation: .gelu)(LayerNormalization()(x))
    x = Add()([x, Dense(units: 8)(hidden)])
    return try Model(inputs: sequences, outputs: GlobalAveragePooling1D()(x))
  }

  private static func twoByTwo() throws(KerasError) -> Model {
    let image = Input(shape: [8, 8, 1], name: "image")
    let facts = Input(shape: [4], name: "facts")
    let seen = Flatten()(Conv2D(filters: 3, kernelSize: 3, activation: .silu)(image))
    let joined = Concatenate()([seen, Dense(units: 5, activation: .softplus)(facts)])
    let label = Dense(units: 3, activation: .softmax, name: "label")(joined)
    let score = Dense(units: 1, name: "score")(Multiply()([joined, Activation(.sigmoid)(joined)]))
    return try Model(inputs: [image, facts], outputs: [label, score])
  }

  private static func shared() throws(KerasError) -> Model {
    let first = Input(shape: [6], name: "left")
    let second = Input(shape: [6], name: "right")
    let encoder = Dense(units: 4, activation: .relu, name: "encoder")
    let (left, right) = (encoder(first), encoder(second))
    let distance = Subtract()([left, right])
    let likeness = Dot(axes: 1, normalizes: true)([left, right])
    let all = Concatenate()([distance, likeness, encoder(Maximum()([first, second]))])
    return try Model(inputs: [first, second], outputs: [Dense(units: 2)(all)])
  }

  private static func nested() throws(KerasError) -> Model {
    let image = Input(shape: [10, 10, 2])
    let inner = Input(shape: [10, 10, 2])
    let normalized = BatchNormalization()(Conv2D(filters: 4, kernelSize: 3)(inner))
    let base = try Model(inputs: inner, outputs: Activation(.relu)(normalized), name: "base")
    let head = Sequential(name: "head") {
      Flatten()
      Dense(units: 6, activation: .relu)
      BatchNormalization()
      Dense(units: 2)
    }
    return try Model(inputs: image, outputs: head(base(image)))
  }

  private static func uNet() throws(KerasError) -> Model {
    let image = Input(shape: [16, 16, 1])
    let fine = Conv2D(filters: 4, kernelSize: 3, padding: .same, activation: .relu)(image)
    let coarse = Conv2D(filters: 6, kernelSize: 3, padding: .same, activation: .relu)(MaxPooling2D()(fine))
    let up = Conv2DTranspose(filters: 4, kernelSize: 3, strides: 2, padding: .same)(coarse)
    let smooth = UpSampling2D(2, interpolation: .bilinear)(coarse)
    let joined = Concatenate()([fine, up, smooth])
    let middle = Cropping2D(vertical: .init(2, 1), horizontal: .init(1, 2))(joined)
    let mask = Conv2D(filters: 1, kernelSize: 1, activation: .sigmoid)(middle)
    return try Model(inputs: image, outputs: mask)
  }

  private static func preprocessing() throws(KerasError) -> Model {
    let image = Input(shape: [14, 10, 3])
    var x = Resizing(height: 8, width: 8)(image)
    x = Rescaling(scale: 0.5, offset: -0.25)(x)
    let normalization = Normalization()
    x = normalization(x)
    x = Reshape([64, 3])(x)
    x = Permute([2, 1])(x)
    let model = try Model(inputs: image, outputs: Dense(units: 2)(Flatten()(x)))
    return model
  }

  private static func adapted() throws(KerasError) -> Model {
    let words = Input(shape: [6], dataType: .int32)
    var x = Embedding(inputDimension: 12, outputDimension: 5, loraRank: 2)(words)
    x = Conv1D(filters: 4, kernelSize: 2, activation: .relu, loraRank: 2, loraAlpha: 3)(x)
    x = EinsumDense("abc,cd->abd", outputShape: [5, 3], biasAxes: "d", loraRank: 1)(x)
    return try Model(inputs: words, outputs: Dense(units: 2, loraRank: 3)(Flatten()(x)))
  }
}
