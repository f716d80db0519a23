@testable import KerasLayers
import Testing

@Suite struct InitializerTests {
  /// What files of different ages hold, and the settings Keras 3 would write.
  static let spellings: [(json: JSON, version: KerasVersion, className: String, config: JSONObject)] = [
    ("glorot_uniform", .keras1, "GlorotUniform", ["seed": nil, "input_axes": nil, "output_axes": nil]),
    ("zero", .keras1, "Zeros", [:]), ("one", .keras2, "Ones", [:]),
    ("uniform", .keras1, "RandomUniform", ["seed": nil, "minval": -0.05, "maxval": 0.05]),
    ("normal", .keras2, "RandomNormal", ["seed": nil, "mean": 0.0, "stddev": 0.05]),
    ("orthogonal", .keras1, "Orthogonal", ["seed": nil, "gain": 1.1]),
    ("orthogonal", .keras2, "Orthogonal", ["seed": nil, "gain": 1.0]),
    (
      [
        "class_name": "VarianceScaling",
        "config": ["scale": 2.0, "distribution": "normal", "dtype": "float32"],
      ],
      .keras2, "VarianceScaling",
      [
        "seed": nil, "scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal", "input_axes": nil,
        "output_axes": nil,
      ]
    ),
    (["class_name": "IdentityInitializer", "config": ["gain": 2.0]], .keras3, "Identity", ["gain": 2.0]),
  ]

  @Test(arguments: spellings.indices) func readsEverySpelling(index: Int) throws {
    let (json, version, className, config) = Self.spellings[index]
    let initializer = try Initializers.make(json, version: version)
    #expect(initializer.className == className)
    #expect(initializer.config == config)
  }

  @Test func aSeedDecidesEverything() throws {
    let initializer: any Initializer = .glorotUniform(seed: 7)
    func values(_ stream: RandomStream) -> [Float] {
      initializer.makeTensor(shape: [4, 5], from: stream).scalars()
    }
    #expect(values(RandomStream(seed: 1)) == values(RandomStream(seed: 2)))
    let other: any Initializer = .glorotUniform
    #expect(
      other.makeTensor(shape: [4, 5], from: RandomStream(seed: 1)).scalars(as: Float.self)
        != other.makeTensor(shape: [4, 5], from: RandomStream(seed: 2)).scalars(as: Float.self))
  }

  @Test func aSeedGeneratorGivesEveryWeightNumbersOfItsOwn() throws {
    let json: JSON = [
      "module": "keras.initializers", "class_name": "HeNormal",
      "config": [
        "seed": [
          "module": "keras.random", "class_name": "SeedGenerator", "config": ["seed": 4, "name": "s"],
          "registered_name": nil,
        ], "input_axes": nil, "output_axes": nil,
      ], "registered_name": nil,
    ]
    let initializer = try Initializers.make(json)
    #expect(initializer.json == json)
    let session = Session(seed: 1)
    let streams = [session.nextRandomStream(), session.nextRandomStream()]
    let values = streams.map { initializer.makeTensor(shape: [8], from: $0).scalars(as: Float.self) }
    #expect(values[0] != values[1])
  }

  /// Points of the normal distribution from SciPy's ndtri.
  @Test(arguments: [
    (0.5, 0.0), (0.975, 1.959963984540054), (0.01, -2.3263478740408408), (1e-9, -5.9978070150076865),
    (1e-300, -37.0470962993612), (0.9999, 3.719016485455709),
  ])
  func inverseOfTheNormalDistribution(probability: Double, expected: Double) {
    #expect(abs(inverseNormal(probability) - expected) <= 2e-15 * max(1, abs(expected)) * 4)
  }

  @Test func truncatedNumbersStayInside() {
    let stream = RandomStream(seed: 5)
    let numbers = (0..<20_000).map { stream.truncatedNormal($0) }
    #expect(numbers.allSatisfy { abs($0) <= 2 })
    let deviation = (numbers.reduce(0) { $0 + $1 * $1 } / 20_000).squareRoot()
    #expect(abs(deviation - 0.87962566103423978) < 0.01)
  }

  /// Tensors are made in chunks on several processors; each number stays what its place says.
  @Test(arguments: [1, 255, 70_001]) func tensorsHoldTheNumbersOfTheirPlaces(count: Int) {
    let stream = RandomStream(seed: 9)
    let cases: [(RandomStream.Distribution, (Int) -> Double)] = [
      (.uniform, stream.uniform), (.normal, stream.normal), (.truncatedNormal, stream.truncatedNormal),
    ]
    for (distribution, number) in cases {
      let got = stream.tensor([count], of: distribution) { 3 * $0 - 1 }.scalars(as: Float.self)
      #expect(got == (0..<count).map { Float(3 * number($0) - 1) }, "\(distribution)")
    }
  }

  @Test(arguments: [[5, 5], [9, 4], [4, 9], [3, 3, 2, 7], [1, 6], [6, 1], [0, 3]])
  func orthogonalRowsOrColumns(shape: [Int]) {
    let value = OrthogonalInitializer(gain: 2, seed: 3).makeTensor(shape: shape, from: RandomStream(seed: 0))
    let numbers: [Double] = value.scalars()
    let columns = shape.last ?? 1
    let rows = numbers.count / columns
    for i in 0..<min(rows, columns) {
      for j in 0..<min(rows, columns) {
        let product = (0..<max(rows, columns)).reduce(0.0) { sum, k in
          rows < columns
            ? sum + numbers[i * columns + k] * numbers[j * columns + k]
            : sum + numbers[k * columns + i] * numbers[k * columns + j]
        }
        #expect(abs(product - (i == j ? 4 : 0)) < 1e-5)
      }
    }
  }

  @Test func aConstantArrayIsBroadcast() throws {
    let initializer = try Initializers.make(["class_name": "Constant", "config": ["value": [[1, 2, 3]]]])
    try initializer.check(shape: [2, 3])
    let value = initializer.makeTensor(shape: [2, 3], from: RandomStream(seed: 0))
    #expect(value.scalars(as: Float.self) == [1, 2, 3, 1, 2, 3])
    #expect(initializer.config == ["value": [[1, 2, 3]]])
    let column = ConstantInitializer(try Tensor([4, 5] as [Float], shape: [2, 1]))
    #expect(
      column.makeTensor(shape: [2, 2], from: RandomStream(seed: 0)).scalars(as: Float.self) == [4, 4, 5, 5])
    #expect(column.config == ["value": [[4.0], [5.0]]])
  }

  @Test func saysWhatDoesNotFit() {
    func message(_ initializer: any Initializer, _ shape: [Int]) -> String? {
      #expect(throws: KerasError.self) { try initializer.check(shape: shape) }?.description
    }
    #expect(
      message(.identity, [2, 3, 4]) == "The identity fills matrices, found a weight of shape (2, 3, 4).")
    #expect(
      message(.orthogonal, [3])
        == "The orthogonal initializer fills weights of at least two axes, found (3,).")
    #expect(
      message(ConstantInitializer(Tensor([1, 2] as [Float])), [2, 3])
        == "A constant of shape (2,) does not fill a weight of shape (2, 3).")
    #expect(
      failure(of: Dense(units: 3, biasInitializer: .orthogonal, name: "d"), on: Input(shape: [2]))
        == "The orthogonal initializer fills weights of at least two axes, found (3,).\n  in: d › bias")
    func reading(_ json: JSON) -> String? {
      #expect(throws: KerasError.self) { try Initializers.make(json) }?.description
    }
    #expect(
      reading("glorot_unifrm")
        == "There is no initializer called `glorot_unifrm`.\n  try: did you mean GlorotUniform, GlorotNormal, LecunUniform? Or "
        + "register a class of your own under `glorot_unifrm`.")
    #expect(
      reading(["class_name": "Constant", "config": ["value": [[1, 2], [3]]]])
        == "The setting `value` must be a number or an array of numbers, found [[1, 2], [3]].\n  in: Constant"
    )
    #expect(
      reading(["class_name": "STFT", "config": ["window": "han"]])
        == "There is no window called `han`.\n  in: STFT › window\n  try: did you mean hann, bohman?")
  }

  @Test func aClassOfTheUsersCanBeNamedInFiles() throws {
    struct Ramp: Initializer {
      let className = "tests>Ramp"
      let config: JSONObject = ["step": 2]
      func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor { Tensor(zeros: shape) }
    }
    Initializers.registry.register("tests>Ramp") { settings throws(KerasError) -> any Initializer in
      settings.ignore("step")
      return Ramp()
    }
    let json = Ramp().json
    #expect(
      json == ["module": nil, "class_name": "Ramp", "config": ["step": 2], "registered_name": "tests>Ramp"])
    #expect(try Initializers.make(json) is Ramp)
  }

  @Test func settingsOfTheUsersAreReadAndWritten() throws {
    struct Stripes: Initializer {
      @Setting("width") private(set) var width: Int
      init(width: Int = 2) { self.width = width }
      func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor { Tensor(zeros: shape) }
    }
    Initializers.registry.register("tests>Stripes") { _ in Stripes() }
    #expect(Stripes(width: 5).config == ["width": 5])
    let json: JSON = ["class_name": "Stripes", "config": ["width": 7], "registered_name": "tests>Stripes"]
    #expect((try Initializers.make(json) as? Stripes)?.width == 7)
  }

  /// Two of one class have settings of their own, whatever a file says of the first.
  @Test func settingsAreNotShared() throws {
    let seeded = try Initializers.make(["class_name": "HeNormal", "config": ["seed": 3]])
    #expect(seeded.config["seed"] == 3)
    #expect(try Initializers.make("he_normal").config["seed"] == JSON.null)
    #expect((.heNormal as any Initializer).config["seed"] == JSON.null)
  }
}
