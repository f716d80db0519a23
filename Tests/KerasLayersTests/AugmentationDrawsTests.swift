import KerasModels
import Testing

/// What layers that change pictures draw, and what stays true whatever it is. Golden cases compare numbers with Keras
/// where nothing is drawn.
@Suite struct AugmentationDrawsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (DataFormat?) -> Layer

    init(_ name: String, _ make: @escaping @Sendable (DataFormat?) -> Layer) {
      (testDescription, self.make) = (name, make)
    }
  }

  static let cases: [Case] = [
    Case("RandomFlip") { RandomFlip(seed: 3, dataFormat: $0) },
    Case("RandomRotation") { RandomRotation(0.2, filling: .wrap, seed: 3, dataFormat: $0) },
    Case("RandomTranslation") { RandomTranslation(height: 0.4, width: 0.3, seed: 3, dataFormat: $0) },
    Case("RandomZoom") { RandomZoom(0.4, width: 0.2, filling: .constant, seed: 3, dataFormat: $0) },
    Case("RandomShear") { RandomShear(x: 0.4, y: 0.2, sampling: .nearest, seed: 3, dataFormat: $0) },
    Case("RandomPerspective") { RandomPerspective(scale: 0.7, seed: 3, dataFormat: $0) },
    Case("RandomElasticTransform") { RandomElasticTransform(seed: 3, dataFormat: $0) },
    Case("RandomCrop") { RandomCrop(height: 5, width: 4, seed: 3, dataFormat: $0) },
    Case("RandomBrightness") { RandomBrightness(0.3, seed: 3, dataFormat: $0) },
    Case("RandomContrast") { RandomContrast(0.5, seed: 3, dataFormat: $0) },
    Case("RandomSaturation") { RandomSaturation(0.5, seed: 3, dataFormat: $0) },
    Case("RandomHue") { RandomHue(1, seed: 3, dataFormat: $0) },
    Case("RandomColorJitter") {
      RandomColorJitter(brightness: 0.1, contrast: 0.2, saturation: 0.3, hue: 0.1, seed: 3, dataFormat: $0)
    },
    Case("RandomColorDegeneration") { RandomColorDegeneration(0.7, seed: 3, dataFormat: $0) },
    Case("RandomGrayscale") { RandomGrayscale(0.5, seed: 3, dataFormat: $0) },
    Case("RandomInvert") { RandomInvert(0.5, seed: 3, dataFormat: $0) },
    Case("RandomPosterization") { RandomPosterization(.range(1, 6), seed: 3, dataFormat: $0) },
    Case("Solarization") { Solarization(addition: 0.4, threshold: 0.9, seed: 3, dataFormat: $0) },
    Case("RandomSharpness") { RandomSharpness(1, seed: 3, dataFormat: $0) },
    Case("RandomGaussianBlur") { RandomGaussianBlur(kernelSize: [3, 5], seed: 3, dataFormat: $0) },
    Case("RandomErasing") { RandomErasing(fillValue: [7], seed: 3, dataFormat: $0) },
    Case("CutMix") { CutMix(seed: 3, dataFormat: $0) },
    Case("MixUp") { MixUp(alpha: 0.5, seed: 3, dataFormat: $0) },
    Case("RandAugment") { RandAugment(seed: 3, dataFormat: $0) },
    Case("AugMix") { AugMix(chainCount: 2, chainDepth: 2, seed: 3, dataFormat: $0) },
  ]

  /// What a layer makes of pictures (and labels) with a seed of training.
  private func training(
    _ layer: Layer, _ inputs: [Tensor], seed: Int64 = 5, on backend: String = "openblas"
  ) throws -> [Tensor] {
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0.spec) }
    let context = CallContext(
      graph: graph, mode: .constants, isTraining: true, seed: graph.constant(Tensor([seed])))
    let outputs = try context.apply(layer, to: values).outputs
    let program = try Backends.backend(named: backend).prepare(
      graph.finish(returning: outputs), options: ProgramOptions())
    return try program.run(inputs)
  }

  /// From 0 to 255, in whole numbers, each picture and channel another.
  private static let pictures = Tensor(uninitialized: [6, 9, 8, 3], Float.self) { elements in
    for i in elements.indices { elements[i] = Float((i * 73 + i / 24 * 31) % 256) }
  }

  @Test(arguments: cases)
  func theSeedAloneDecides(_ augmentation: Case) throws {
    let first = try training(augmentation.make(nil), [Self.pictures])[0]
    let numbers: [Float] = first.scalars()
    #expect(numbers.allSatisfy { $0.isFinite && $0 > -1 && $0 < 256 })
    #expect(numbers != Self.pictures.scalars())
    #expect(try training(augmentation.make(nil), [Self.pictures])[0].scalars() == numbers)
    let others = try (6..<9).map { seed in
      try training(augmentation.make(nil), [Self.pictures], seed: seed)[0].scalars(as: Float.self)
    }
    #expect(others.contains { $0 != numbers })
    let fast = try training(augmentation.make(nil), [Self.pictures], on: "onednn")[0]
    try expectNear(fast, first, 2e-2)
  }

  /// One picture is changed as a batch of one, and the order of axes does not matter.
  @Test(arguments: cases)
  func everyOrderOfAxes(_ augmentation: Case) throws {
    let batch = try training(augmentation.make(.channelsLast), [Self.pictures])[0]
    // Keras stretches contrast along other axes there, and names it so.
    if !["RandAugment", "AugMix"].contains(augmentation.testDescription) {
      let turned = try Ops.transpose(Self.pictures, axes: [0, 3, 1, 2])
      let result = try training(augmentation.make(.channelsFirst), [turned])[0]
      try expectNear(Ops.transpose(result, axes: [0, 2, 3, 1]), batch, 1e-3)
    }
    let one = try Self.pictures.rows(0..<1)
    let single = try training(augmentation.make(nil), [one.reshaped(to: [9, 8, 3])])[0]
    let alone = try training(augmentation.make(nil), [one])[0]
    #expect(single.shape == Array(alone.shape.dropFirst()))
    #expect(single.scalars(as: Float.self) == alone.scalars())
  }

  private func expectNear(_ a: Tensor, _ b: Tensor, _ tolerance: Float) throws {
    #expect(a.shape == b.shape)
    let (x, y): ([Float], [Float]) = (a.scalars(), b.scalars())
    // Where rounding decides which pixel is nearest, or which shade, single ones may differ.
    let far = zip(x, y).count { abs($0 - $1) > tolerance }
    #expect(far <= x.count / 100)
  }

  /// Each picture is of one value, and so is its label: they must be mixed alike.
  @Test(arguments: ["MixUp", "CutMix"]) func labelsAreMixedAsPicturesAre(_ name: String) throws {
    let count = 64
    let pictures = Tensor(uninitialized: [count, 20, 20, 1], Float.self) { elements in
      for i in elements.indices { elements[i] = Float(i / 400) }
    }
    let labels = Tensor(uninitialized: [count, count], Float.self) { elements in
      for i in elements.indices { elements[i] = i / count == i % count ? 1 : 0 }
    }
    let layer: Layer = name == "MixUp" ? MixUp(alpha: 0.8) : CutMix()
    let results = try training(layer, [pictures, labels])
    let (mixed, shares): ([Float], [Float]) = (results[0].scalars(), results[1].scalars())
    var changed = 0
    for picture in 0..<count {
      let own = shares[picture * count..<(picture + 1) * count]
      #expect(abs(own.reduce(0, +) - 1) < 1e-5)
      let expected = own.enumerated().reduce(0) { $0 + Float($1.offset) * $1.element }
      let mean = mixed[picture * 400..<(picture + 1) * 400].reduce(0, +) / 400
      // A rectangle has whole pixels: up to two rows and columns are not.
      #expect(abs(mean - expected) <= (name == "MixUp" ? 1e-3 : 64 * 0.2))
      if own.count(where: { $0 > 1e-3 }) == 2 { changed += 1 }
    }
    #expect(changed > count / 2)
  }

  /// Mean and variance of the beta distribution, also where its parameter is small.
  @Test(arguments: [0.02, 0.2, 1, 4]) func betaHasItsMoments(_ alpha: Double) throws {
    let graph = GraphBuilder()
    let context = CallContext(
      graph: graph, mode: .constants, isTraining: true, seed: graph.constant(Tensor([Int64(11)])))
    let parameter = graph[graph.constant(Tensor([Float(alpha)]))]
    let beta = try Draws(context, seed: nil).beta(parameter, 20_000).value
    let program = try Backends.all[0].prepare(graph.finish(returning: [beta]), options: ProgramOptions())
    let numbers: [Double] = try program.run([])[0].scalars()
    #expect(numbers.allSatisfy { (0...1).contains($0) })
    let mean = numbers.reduce(0, +) / 20_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - 0.5) < 0.015)
    #expect(abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.005)
  }

  @Test func aboutHalfThePicturesAreFlipped() throws {
    let pictures = Tensor(uninitialized: [2000, 1, 2, 1], Float.self) { elements in
      for i in elements.indices { elements[i] = Float(i % 2) }
    }
    let flipped: [Float] = try training(RandomFlip(.horizontal), [pictures])[0].scalars()
    let count = stride(from: 0, to: flipped.count, by: 2).count { flipped[$0] == 1 }
    #expect((900...1100).contains(count))
    for start in stride(from: 0, to: flipped.count, by: 2) {
      #expect(flipped[start] + flipped[start + 1] == 1)
    }
  }

  @Test func cropsAreContiguous() throws {
    let pictures = Tensor(uninitialized: [1, 9, 8, 1], Float.self) { elements in
      for i in elements.indices { elements[i] = Float(i) }
    }
    var corners: Set<Float> = []
    for seed in 0..<40 {
      let crop = try training(RandomCrop(height: 5, width: 4), [pictures], seed: Int64(seed))[0]
      #expect(crop.shape == [1, 5, 4, 1])
      let numbers: [Float] = crop.scalars()
      corners.insert(numbers[0])
      for (i, number) in numbers.enumerated() { #expect(number == numbers[0] + Float(i / 4 * 8 + i % 4)) }
    }
    #expect(corners.count > 10 && corners.contains { $0 >= 32 } && corners.contains { $0 < 8 })
  }

  @Test(arguments: [
    (
      RandomRotation(2, name: "l") as Layer, [2, 4, 4, 3],
      "`factor` must be a number or two from -1.0 to 1.0, found 2.\n  in: l"
    ),
    (
      RandomZoom(-1, name: "l"), [2, 4, 4, 3],
      "`height_factor` must be a number or two from -0.9999999999999999 to 1.0, found -1.\n  in: l"
    ),
    (
      RandomHue(0.5, name: "l"), [2, 4, 4, 1],
      "RandomHue takes pictures of three channels, found float32(2, 4, 4, 1).\n  in: l"
    ),
    (
      RandomGrayscale(name: "l"), [2, 4, 4, 4],
      "Only pictures of one or three channels have a gray, found float32(2, 4, 4, 4).\n  in: l"
    ),
    (
      RandomGaussianBlur(kernelSize: [2, 3], name: "l"), [2, 4, 4, 3],
      "`kernel_size` must be two odd numbers up to 255, found [2, 3].\n  in: l"
    ),
    (
      RandomFlip(name: "l"), [2, 0, 4, 3],
      "RandomFlip takes pictures with pixels, found float32(2, 0, 4, 3).\n  in: l"
    ),
  ])
  func saysWhatDoesNotFit(_ layer: Layer, _ shape: [Int], _ message: String) {
    let error = #expect(throws: KerasError.self) { try training(layer, [Tensor(zeros: shape)]) }
    #expect(error?.description == message)
  }

  @Test func labelsThatCannotBeMixedSaySo() {
    let error = #expect(throws: KerasError.self) {
      try training(MixUp(name: "mix"), [Self.pictures, Tensor([0, 1, 2, 0, 1, 2] as [Int32])])
    }
    #expect(
      error?.description == """
        Labels that can be mixed are [6, classes], found int32(6,).
          in: mix
          try: give one number for each class (one-hot), not the class's number.
        """)
  }
}
