import Keras

/// What a step of training is measured on: a compiled model, and a batch of seeded random numbers.
enum Task: String, CaseIterable {
  case mnistMLP = "mnist_mlp"
  case mnistCNN = "mnist_cnn"
  case cifarResNet20 = "cifar_resnet20"
  case lstmText = "lstm_text"
  case resNet50 = "resnet50"
  case mobileNetV2 = "mobilenet_v2"
  case mobileNetV2Head = "mobilenet_v2_head"

  var batchSize: Int {
    switch self {
    case .mnistMLP, .mnistCNN, .cifarResNet20: 128
    case .lstmText, .mobileNetV2, .mobileNetV2Head: 32
    case .resNet50: 16
    }
  }

  private var inputShape: [Int] {
    switch self {
    case .mnistMLP: [784]
    case .mnistCNN: [28, 28, 1]
    case .cifarResNet20: [32, 32, 3]
    case .lstmText: [80]
    case .resNet50, .mobileNetV2, .mobileNetV2Head: [224, 224, 3]
    }
  }

  private var classCount: Int {
    switch self {
    case .lstmText: 1
    case .resNet50, .mobileNetV2: 1000
    default: 10
    }
  }

  /// Compiled as the example or recipe it stands for.
  func model(precision: Precision, threads: Int?) throws(KerasError) -> Model {
    let policy = try DataTypePolicy(named: precision == .bfloat16 ? "mixed_bfloat16" : "float32")
    let model = try Session.withDataTypePolicy(policy) { () throws(KerasError) in try architecture() }
    let optimizer: Optimizer =
      switch self {
      case .mnistMLP: .rmsprop()
      case .mnistCNN, .lstmText, .mobileNetV2Head: .adam()
      case .cifarResNet20, .resNet50, .mobileNetV2: .sgd(learningRate: 0.01, momentum: 0.9)
      }
    try model.compile(
      optimizer: optimizer, loss: classCount == 1 ? .binaryCrossentropy : .sparseCategoricalCrossentropy,
      metrics: [.accuracy],
      options: ComputeOptions(
        precision: precision == .tensorFloat32 ? precision : .float32, purpose: .throughput, threads: threads)
    )
    return model
  }

  private func architecture() throws(KerasError) -> Model {
    switch self {
    case .mnistMLP:
      return Sequential {
        Input(shape: [784])
        Dense(units: 512, activation: .relu)
        Dropout(0.2)
        Dense(units: 512, activation: .relu)
        Dropout(0.2)
        Dense(units: 10, activation: .softmax)
      }
    case .mnistCNN:
      return Sequential {
        Input(shape: [28, 28, 1])
        Conv2D(filters: 32, kernelSize: [3, 3], activation: .relu)
        Conv2D(filters: 64, kernelSize: [3, 3], activation: .relu)
        MaxPooling2D(poolSize: [2, 2])
        Dropout(0.25)
        Flatten()
        Dense(units: 128, activation: .relu)
        Dropout(0.5)
        Dense(units: 10, activation: .softmax)
      }
    case .cifarResNet20: return try resNet20()
    case .lstmText:
      return Sequential {
        Input(shape: [80], dataType: .int32)
        Embedding(inputDimension: 20000, outputDimension: 128)
        LSTM(units: 128)
        Dense(units: 1, activation: .sigmoid)
      }
    case .resNet50: return try ResNet50(weights: .none)
    case .mobileNetV2: return try MobileNetV2(weights: .none)
    case .mobileNetV2Head:
      let base = try MobileNetV2(
        inputShape: [224, 224, 3], includeTop: false, weights: .none, pooling: .average)
      base.isTrainable = false
      return Sequential {
        Input(shape: [224, 224, 3])
        base
        Dense(units: 10, activation: .softmax)
      }
    }
  }

  /// The network of He et al. 2016, section 4.2, of twenty layers with weights.
  private func resNet20() throws(KerasError) -> Model {
    func normalized(_ x: SymbolicTensor, _ filters: Int, kernel: Int, stride: Int) -> SymbolicTensor {
      let convolved = Conv2D(
        filters: filters, kernelSize: [kernel, kernel], strides: [stride, stride], padding: .same,
        usesBias: false)(x)
      return BatchNormalization()(convolved)
    }
    let image = Input(shape: [32, 32, 3])
    var x = Activation(.relu)(normalized(image, 16, kernel: 3, stride: 1))
    for (stage, filters) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let stride = stage > 0 && block == 0 ? 2 : 1
        let shortcut = stride == 1 ? x : normalized(x, filters, kernel: 1, stride: stride)
        let hidden = Activation(.relu)(normalized(x, filters, kernel: 3, stride: stride))
        x = Activation(.relu)(Add()([normalized(hidden, filters, kernel: 3, stride: 1), shortcut]))
      }
    }
    let scores = Dense(units: 10, activation: .softmax)(GlobalAveragePooling2D()(x))
    return try Model(inputs: [image], outputs: [scores])
  }

  /// Numbers between −1 and 1, or words, and their classes.
  /// - Parameter size: other than the task's own.
  func batch(of size: Int? = nil) throws -> Batch {
    let batchSize = size ?? batchSize
    let random = CounterRandom(seed: 7)
    let shape = [batchSize] + inputShape
    let x =
      self == .lstmText
      ? Tensor(uninitialized: shape, Int32.self) { words in
        for i in words.indices { words[i] = Int32(random.bits(stream: 0, at: UInt64(i)) % 20000) }
      }
      : Tensor(uninitialized: shape, Float.self) { numbers in
        for i in numbers.indices { numbers[i] = 2 * Float(random.uniform(stream: 0, at: UInt64(i))) - 1 }
      }
    let classes = (0..<batchSize).map {
      Int32(random.bits(stream: 1, at: UInt64($0)) % UInt64(max(classCount, 2)))
    }
    return Batch(
      x, classCount == 1 ? try Tensor(classes.map(Float.init)).reshaped(to: [batchSize, 1]) : Tensor(classes))
  }
}
