import KerasModels
import Testing

@testable import KerasTraining

/// Estimators around functions that build models: labels, scores, folds, searches.
@Suite struct EstimatorTests {
  private static let build: ModelBuilder = { settings in
    let x = Input(shape: [2])
    let hidden = Dense(units: try settings.integer("units"), activation: .relu)(x)
    let model = try Model(inputs: x, outputs: Dense(units: 3, activation: .softmax)(hidden))
    try model.compile(
      optimizer: .adam(learningRate: .constant(settings["rate"]?.number ?? 0.02)),
      loss: settings["loss"]?.string.map { (name) throws(KerasError) in try .named(name) }
        ?? .sparseCategoricalCrossentropy)
    return model
  }
  private static let settings: [String: JSON] = ["units": 16, "epochs": 12, "batch_size": 16]

  /// The three classes, called 7, 11 and 20.
  private static func data() -> (x: Tensor, y: Tensor) {
    let (x, y) = FitTests.data()
    return (x, Tensor(y.scalars(as: Int32.self).map { [7, 11, 20][Int($0)] as Int32 }))
  }

  @Test(arguments: ["sparse_categorical_crossentropy", "categorical_crossentropy"])
  func classifies(_ loss: String) throws {
    let (x, y) = Self.data()
    let classifier = KerasClassifier(
      settings: Self.settings.merging(["loss": .string(loss)]) { $1 }, seed: 3, Self.build)
    try classifier.fit(x, y)
    #expect(classifier.classes == [7, 11, 20])
    let found = try classifier.predict(x)
    #expect(found.dataType == .int32 && found.shape == [60])
    let right = zip(found.scalars(as: Int32.self), y.scalars(as: Int32.self)).filter { $0 == $1 }.count
    #expect(try classifier.score(x, y) == Double(right) / 60)
    #expect(right > 57)
    #expect(try classifier.predictProba(x).shape == [60, 3])
    // Weights say how much a sample counts.
    let wrong = zip(found.scalars(as: Int32.self), y.scalars(as: Int32.self)).map { $0 == $1 ? Float(0) : 1 }
    if wrong.contains(1) { #expect(try classifier.score(x, y, sampleWeights: Tensor(wrong)) == 0) }
  }

  @Test func targetsWithANumberForEachClass() throws {
    let (x, y) = FitTests.data()
    let rows: [Float] = y.scalars(as: Int32.self).flatMap { label -> [Float] in
      (0..<3).map { $0 == label ? 1 : 0 }
    }
    let target = try Tensor(rows, shape: [60, 3])
    let classifier = KerasClassifier(
      settings: Self.settings.merging(["loss": "categorical_crossentropy"]) { $1 }, Self.build)
    try classifier.fit(x, target)
    #expect(classifier.classes == [0, 1, 2])
    #expect(try classifier.score(x, target) == classifier.score(x, y))
  }

  /// A fit that fails leaves the classifier as it was.
  @Test func classesAreThoseOfTheModel() throws {
    let (x, y) = Self.data()
    let classifier = KerasClassifier(settings: Self.settings, seed: 3, Self.build)
    try classifier.fit(x, y)
    let found = try classifier.predict(x).scalars(as: Int32.self)
    let others = Tensor((0..<60).map { Int32($0 % 3) })
    #expect(throws: KerasError.self) { try classifier.fit(Tensor(zeros: [60, 5]), others) }
    #expect(classifier.classes == [7, 11, 20])
    #expect(try classifier.predict(x).scalars(as: Int32.self) == found)
  }

  /// Numbers of customers, say, need more than 32 bits.
  @Test func largeLabels() throws {
    let (x, y) = FitTests.data()
    let labels: [Int64] = [-7, 3_000_000_001, 3_000_000_002]
    let classifier = KerasClassifier(settings: Self.settings, seed: 3, Self.build)
    try classifier.fit(x, Tensor(y.scalars(as: Int32.self).map { labels[Int($0)] }))
    let found = try classifier.predict(x)
    #expect(found.dataType == .int64 && Set(found.scalars(as: Int64.self)).isSubset(of: labels))
    #expect(try classifier.predict(x.rows(0..<1)).dataType == .int64)
    let halves = Tensor(y.scalars(as: Int32.self).map { Float($0) / 2 })
    try classifier.fit(x, halves)
    #expect(try classifier.predict(x).dataType == .float32 && classifier.classes == [0, 0.5, 1])
    let error = #expect(throws: KerasError.self) {
      try classifier.fit(x, Tensor((0..<60).map { Int64(1 << 53 + 2 * ($0 % 3)) }))
    }
    #expect(
      error?.description == """
        The label of sample 0 is too large to be told from the next: 9007199254740992.
          try: number the classes from 0.
        """)
  }

  /// One output, two classes.
  @Test func yesOrNo() throws {
    let (x, y) = FitTests.data()
    let isFirst = Tensor(y.scalars(as: Int32.self).map { $0 == 0 ? Int32(5) : -5 })
    let classifier = KerasClassifier(settings: ["epochs": 30]) { _ in
      let x = Input(shape: [2])
      let model = try Model(inputs: x, outputs: Dense(units: 1, activation: .sigmoid)(x))
      try model.compile(optimizer: .adam(learningRate: 0.1), loss: .binaryCrossentropy)
      return model
    }
    try classifier.fit(x, isFirst)
    #expect(classifier.classes == [-5, 5])
    #expect(try classifier.score(x, isFirst) > 0.95)
    let shares = try classifier.predictProba(x)
    #expect(shares.shape == [60, 2])
    let numbers = shares.scalars(as: Float.self)
    #expect((0..<60).allSatisfy { abs(numbers[2 * $0] + numbers[2 * $0 + 1] - 1) < 1e-6 })
    let found = try classifier.predict(x).scalars(as: Int32.self)
    #expect((0..<60).allSatisfy { (numbers[2 * $0 + 1] > 0.5) == (found[$0] == 5) })
  }

  @Test func regresses() throws {
    let (x, _) = FitTests.data()
    let numbers: [Float] = x.scalars()
    let targets: [Float] = (0..<60).map { row -> Float in
      let (first, second) = (numbers[2 * row], numbers[2 * row + 1])
      return 2 * first - second + 3
    }
    let y = Tensor(targets)
    let regressor = KerasRegressor(settings: ["epochs": 60, "batch_size": 8]) { _ in
      let x = Input(shape: [2])
      let model = try Model(inputs: x, outputs: Dense(units: 1)(x))
      try model.compile(optimizer: .adam(learningRate: 0.05), loss: .meanSquaredError)
      return model
    }
    try regressor.fit(x, y)
    let found = try regressor.predict(x)
    #expect(found.shape == [60])
    let pairs = zip(found.scalars(as: Double.self), y.scalars(as: Double.self))
    let mean = pairs.reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 60
    #expect(mean < 0.01)
    #expect(abs(try regressor.score(x, y) + mean) < 1e-6)
  }

  // MARK: Folds

  @Test(arguments: [2, 3, 5, 7]) func foldsAreEven(_ count: Int) throws {
    let strata = (0..<53).map { Double($0 % 4 == 0 ? 1 : $0 % 3 == 0 ? 2 : 3) }
    let folds = try Fold.folds(count, of: 53, strata: strata, seed: 4)
    #expect(folds.flatMap(\.test).sorted() == Array(0..<53))
    #expect(folds.allSatisfy { ($0.training + $0.test).sorted() == Array(0..<53) })
    let sizes = folds.map(\.test.count)
    #expect(sizes.max()! - sizes.min()! <= 1)
    for stratum in [1.0, 2, 3] {
      let members = folds.map { $0.test.filter { strata[$0] == stratum }.count }
      #expect(members.max()! - members.min()! <= 1)
    }
    #expect(try Fold.folds(count, of: 53, strata: strata, seed: 4) == folds)
    #expect(try Fold.folds(count, of: 53, strata: strata, seed: 5) != folds)
  }

  @Test func foldsThatCannotBe() {
    func message(_ count: Int, _ samples: Int, _ strata: [Double]? = nil) -> String? {
      #expect(throws: KerasError.self) {
        try Fold.folds(count, of: samples, strata: strata, seed: 0)
      }?.description
    }
    #expect(message(1, 9) == "Samples are divided into at least 2 folds, found 1.")
    #expect(message(5, 4) == "There are 4 samples, and 5 folds want one each.")
    #expect(
      message(3, 4, [1, 1, 2, 2]) == """
        Every class has fewer samples than the 3 folds.
          try: choose fewer folds.
        """)
    let warnings = Received()
    _ = try? Warnings.withHandler {
      warnings.add($0)
    } _: {
      try Fold.folds(3, of: 5, strata: [1, 2, 1, 2, 1], seed: 0)
    }
    #expect(
      warnings.all == ["The class 2 has 2 of the samples, fewer than the 3 folds: some of them see none."])
  }

  @Test func crossValidation() throws {
    let (x, y) = Self.data()
    let classifier = KerasClassifier(settings: Self.settings, seed: 2, Self.build)
    let found = try classifier.crossValidated(x, y, folds: 3)
    #expect(found.scores.count == 3)
    #expect(found.mean > 0.9)
    #expect(found.scores == (try classifier.crossValidated(x, y, folds: 3).scores))
    // The estimator itself was not fitted.
    #expect(classifier.model == nil)
    #expect(CrossValidation(scores: [0.5, 1]).description == "0.7500 ± 0.2500")
  }

  // MARK: Searching

  @Test func grid() throws {
    let (x, y) = Self.data()
    let search = GridSearch(
      KerasClassifier(settings: Self.settings.merging(["rate": 0.01]) { $1 }, seed: 1, Self.build),
      over: ["units": [1, 16], "epochs": [1, 12]])
    let found = try search.fit(x, y, folds: 3)
    #expect(
      found.trials.map(\.settings) == [
        ["epochs": 1, "units": 1], ["epochs": 1, "units": 16], ["epochs": 12, "units": 1],
        ["epochs": 12, "units": 16],
      ])
    #expect(found.best.settings == ["epochs": 12, "units": 16])
    #expect(found.best.rank == 1)
    #expect(found.estimator.settings["units"] == 16)
    #expect(try found.estimator.score(x, y) > 0.95)
    let lines = found.description.split(separator: "\n").map(String.init)
    #expect(lines.count == 11)
    #expect(lines[1] == "┃ epochs ┃ units ┃  score ┃ deviation ┃ rank ┃")
    #expect(lines[9].hasPrefix("│ 12     │ 16    │ "))
    #expect(lines[9].hasSuffix("│    1 │"))
    #expect(try search.fit(x, y, folds: 3).description == found.description)
  }

  @Test func misspelt() throws {
    let (x, y) = Self.data()
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: KerasError.self) { try body() }?.description
    }
    let classifier = KerasClassifier(settings: Self.settings, Self.build)
    #expect(
      message { _ = try classifier.predict(x) } == """
        The estimator is not fitted yet.
          try: call fit first.
        """)
    #expect(
      message { try classifier.with(["epoch": 3]).fit(x, y) } == """
        Nobody asks for the setting `epoch`.
          try: did you mean epochs?
        """)
    #expect(
      message { try classifier.with(["units": "many"]).fit(x, y) } == """
        The setting `units` is a whole number, found "many".
          in: builder
        """)
    #expect(
      message { try KerasClassifier(settings: ["unit": 3], Self.build).fit(x, y) } == """
        There is no setting called `units`.
          in: builder
          try: did you mean unit?
        """)
    #expect(
      message {
        _ = try GridSearch(classifier, over: ["units": [4], "rate": ["fast"], "epochs": []]).fit(x, y)
      }
        == "There is no value to try for the setting `epochs`.")
    #expect(
      message { _ = try GridSearch(classifier, over: ["epochs": [0.5]]).fit(x, y) } == """
        The setting `epochs` is a whole number, found 0.5.
          in: epochs = 0.5 › fold 0
        """)
    #expect(
      message { try classifier.fit(x, Tensor(repeating: 4 as Float, shape: [60])) } == """
        There is one class alone to learn: 4.
          try: give samples of at least two classes.
        """)
  }
}
