import KerasModels
import Testing

/// Sound models of every family of layers, for changes that make them unsound.
enum HostileModels: String, CaseIterable, CustomTestStringConvertible {
  case dense, convolutional, transposed, separable, pooled, recurrent, cells, convLSTM, wrapped, attentive
  case reshaped, padded, normalized, activated, noisy, images, numeric, branched, nested, locally, einsum

  static var all: [HostileModels] { Array(allCases) }
  var testDescription: String { rawValue }

  func model() throws -> Model {
    switch self {
    case .dense:
      chain(
        [6], [Dense(units: 8, activation: .relu, kernelRegularizer: .l2()), Dropout(0.5), Dense(units: 3)])
    case .convolutional:
      chain(
        [9, 9, 2],
        [
          Conv2D(filters: 4, kernelSize: 3, padding: .same, groups: 2), BatchNormalization(),
          PReLU(sharedAxes: [1, 2]),
          MaxPooling2D(), Conv2D(filters: 3, kernelSize: 2, dilationRate: 2), Flatten(), Dense(units: 2),
        ])
    case .transposed:
      chain(
        [4, 4, 2],
        [
          Conv2DTranspose(filters: 3, kernelSize: 3, strides: 2, outputPadding: 1),
          UpSampling2D(2, interpolation: .bilinear),
          Reshape([-1, 3]), Conv1DTranspose(filters: 2, kernelSize: 2),
        ])
    case .separable:
      chain(
        [8, 8, 3],
        [
          SeparableConv2D(filters: 4, kernelSize: 3),
          DepthwiseConv2D(kernelSize: 2, strides: 2, depthMultiplier: 2),
        ])
    case .pooled:
      chain(
        [9, 8, 2],
        [
          AveragePooling2D(poolSize: 2, padding: .same), AdaptiveAveragePooling2D(outputSize: 3),
          GlobalMaxPooling2D(keepsDimensions: true), Flatten(),
        ])
    case .recurrent:
      chain(
        [5, 3],
        [
          Masking(), LSTM(units: 4, returnsSequences: true), GRU(units: 3, returnsSequences: true),
          SimpleRNN(units: 2, goesBackwards: true),
        ])
    case .cells: chain([5, 3], [RNN([LSTMCell(units: 3), GRUCell(units: 2)], returnsSequences: true)])
    case .convLSTM: chain([3, 6, 6, 1], [ConvLSTM2D(filters: 2, kernelSize: 3, padding: .same)])
    case .wrapped:
      chain(
        [4, 6, 6, 2],
        [
          TimeDistributed(Conv2D(filters: 2, kernelSize: 3)), TimeDistributed(Flatten()),
          Bidirectional(LSTM(units: 3, returnsSequences: true), mergeMode: .sum),
          SpectralNormalization(Dense(units: 2)),
        ])
    case .attentive: try attentive()
    case .reshaped:
      chain(
        [6, 4],
        [Permute([2, 1]), Reshape([3, 8]), Flatten(), RepeatVector(3), Cropping1D(1), UpSampling1D(2)])
    case .padded:
      chain([6, 6, 2], [ZeroPadding2D(2), Cropping2D(1), UpSampling2D(2), Resizing(height: 5, width: 4)])
    case .normalized:
      chain(
        [4, 4, 6],
        [
          LayerNormalization(axis: [1, 2]), GroupNormalization(groups: 3), RMSNormalization(),
          UnitNormalization(),
          Normalization(mean: [0.5], variance: [2]),
        ])
    case .activated:
      chain(
        [5], [LeakyReLU(), ELU(), ReLU(maximum: 6), Softmax(), ThresholdedReLU(), Activation(.gelu), PReLU()])
    case .noisy:
      chain(
        [6, 4],
        [
          SpatialDropout1D(0.2), GaussianNoise(0.1), GaussianDropout(0.1), AlphaDropout(0.2),
          ActivityRegularization(l1: 1),
        ])
    case .images:
      chain(
        [8, 9, 3],
        [CenterCrop(height: 6, width: 6), Resizing(height: 4, width: 4), Rescaling(scale: 2, offset: 1)])
    case .numeric: chain([4], [Discretization(boundaries: [0, 1, 2]), CategoryEncoding(categories: 4)])
    case .branched: try branched()
    case .nested: try nested()
    case .locally:
      chain(
        [7, 7, 2],
        [
          LocallyConnected2D(filters: 2, kernelSize: 3), Reshape([25, 2]),
          LocallyConnected1D(filters: 2, kernelSize: 2),
        ])
    case .einsum: chain([5, 4], [EinsumDense("abc,cd->abd", outputShape: [nil, 6], biasAxes: "d")])
    }
  }

  private func chain(_ shape: Shape, _ layers: [Layer]) -> Model {
    let input = Input(shape: shape)
    return Sequential((input.origin.map { [$0.layer] } ?? []) + layers)
  }

  private func attentive() throws -> Model {
    let words = Input(shape: [6], dataType: .int32)
    let x = Embedding(inputDimension: 10, outputDimension: 8, masksZero: true)(words)
    let seen = MultiHeadAttention(heads: 2, keySize: 4)(query: x, value: x, usesCausalMask: true)
    let both = Attention()([seen, x])
    let grouped = GroupedQueryAttention(headDimension: 4, queryHeads: 2, keyValueHeads: 1)(
      query: both, value: x)
    return try Model(inputs: [words], outputs: [AdditiveAttention()([grouped, x])])
  }

  private func branched() throws -> Model {
    let (a, b) = (Input(shape: [4]), Input(shape: [4]))
    let shared = Dense(units: 4)
    let (left, right) = (shared(a), shared(b))
    let all = Concatenate()([
      Add()([left, right]), Dot(axes: 1)([left, right]), Average()([a, b]), Subtract()([a, right]),
      Multiply()([a, left]),
    ])
    return try Model(inputs: [a, b], outputs: [Dense(units: 1)(all), Maximum()([a, b])])
  }

  private func nested() throws -> Model {
    let (outer, inner) = (Input(shape: [6]), Input(shape: [6]))
    let base = try Model(inputs: [inner], outputs: [Dense(units: 3)(inner)], name: "base")
    let head = Sequential([Dense(units: 2), BatchNormalization()], name: "head")
    return try Model(inputs: [outer], outputs: [head(base(outer))])
  }
}
