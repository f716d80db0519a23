import KerasGraph
import KerasModels
import KerasPlainKernels
import Testing

/// Programs of one model hold its weights once, packed or computed from others as they may be.
@Suite struct SharedWeightsTests {
  static let runs = Backends.all.map(\.name).flatMap { backend in
    [ComputeOptions(backend: backend), ComputeOptions(backend: backend, threads: 1)].flatMap { options in
      [(options, false), (options, true)]
    }
  }

  /// Convolutions with normalizations that fold and one that does not, and an adapted kernel.
  ///
  /// - Parameter isRecurrent: with layers that mix nothing but cannot be split by rows, too.
  static func model(isRecurrent: Bool = false) throws -> Model {
    let image = Input(shape: [9, 9, 3])
    var x = Conv2D(filters: 32, kernelSize: 3)(BatchNormalization()(image))
    x = DepthwiseConv2D(kernelSize: 3, usesBias: false)(ReLU()(BatchNormalization()(x)))
    x = Conv2D(filters: 256, kernelSize: 3)(BatchNormalization()(x))
    x = Reshape([9, 256])(x)
    x =
      isRecurrent
      ? RNN(LSTMCell(units: 40))(LSTM(units: 40, returnsSequences: true)(x)) : GlobalAveragePooling1D()(x)
    let dense = Dense(units: 48)
    let model = try Model(inputs: image, outputs: dense(x))
    try dense.enableLoRA(rank: 2, bInitializer: .ones)
    try model.fillWithPatterns()
    return model
  }

  private static func program(_ model: Model, rows: Int, _ options: ComputeOptions) throws -> any HostProgram {
    try #require(model.program(for: [[rows, 9, 9, 3]], options: options) as? any HostProgram)
  }

  /// What programs hold together.
  private static func byteCount(_ programs: any HostProgram...) -> Int {
    let held = programs.flatMap(\.heldConstants).map { ($0.address, $0.byteCount) }
    return Dictionary(held) { max($0, $1) }.values.reduce(0, +)
  }

  /// Of inner products oneDNN chooses the layout by the number of rows, so that their weights may be held twice; they
  /// are few here. (And the number that scales an adapted kernel is each program's own.)
  @Test(arguments: runs)
  func programsForSeveralBatchSizesHoldOneCopy(_ options: ComputeOptions, isRecurrent: Bool) throws {
    let model = try Self.model(isRecurrent: isRecurrent)
    let one = try Self.program(model, rows: 1, options)
    let alone = Self.byteCount(one)
    // Nearly all of what the model has, the adapted kernel as one.
    #expect(alone > 300_000)
    let eight = try Self.program(model, rows: 8, options)
    #expect(Self.byteCount(eight) > 300_000)
    let innerProduct = options.backend == "onednn" ? (isRecurrent ? 40 : 256) * 48 * 4 : 0
    #expect(Self.byteCount(one, eight) <= alone + innerProduct + 64, "\(one.plan + eight.plan)")
    let x = pattern([8, 9, 9, 3], 5)
    let (whole, first) = (try eight.run([x])[0], try one.run([x.rows(0..<1)])[0])
    for (a, b) in zip(try whole.rows(0..<1).scalars(as: Float.self), first.scalars(as: Float.self)) {
      #expect(abs(a - b) < 1e-5)
    }
  }

  struct Witness { weak var owner: AnyObject? }

  @Test(arguments: Backends.all.map(\.name))
  func theLastProgramTakesItAlong(_ backend: String) throws {
    let options = ComputeOptions(backend: backend)
    var witnesses: [Witness] = []
    func hold(_ model: Model) throws {
      let held = try Self.program(model, rows: 1, options).heldConstants
      _ = try Self.program(model, rows: 8, options)
      // Weights themselves are the variables'; small ones, known by their bytes, may be other models', too.
      let own = held.filter { constant in
        constant.byteCount > 1024 && !model.weights.contains { $0.value.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == constant.address }
      }
      witnesses = own.map { Witness(owner: $0.owner) }
    }
    var model: Model? = try Self.model()
    try model.map(hold)
    #expect(!witnesses.isEmpty && witnesses.allSatisfy { $0.owner != nil })
    model = nil
    #expect(witnesses.allSatisfy { $0.owner == nil })
  }

  /// What is assigned is another weight, although an old program still holds the old one.
  @Test(arguments: Backends.all.map(\.name))
  func assignedWeightsAreNotMistakenForOldOnes(_ backend: String) throws {
    let options = ComputeOptions(backend: backend)
    let model = try Self.model()
    let before = try Self.program(model, rows: 1, options)
    let x = pattern([1, 9, 9, 3], 5)
    let old = try before.run([x])[0].scalars(as: Float.self)
    for weight in model.weights { try weight.assign(pattern(weight.shape, 7, offset: 0.75)) }
    let after = try Self.program(model, rows: 1, options)
    let fresh = try Self.model()
    for weight in fresh.weights { try weight.assign(pattern(weight.shape, 7, offset: 0.75)) }
    let expected = try fresh.predict(x, options: options).scalars(as: Float.self)
    #expect(try after.run([x])[0].scalars(as: Float.self) == expected)
    #expect(try before.run([x])[0].scalars(as: Float.self) == old)
    #expect(old != expected)
  }
}
