// Tomorrow's temperature out of the past two weeks': a series that is made here, of the seasons, the weather's memory and
// chance.
//
//   swift run -c release timeseries_forecast [EPOCHS] [DAYS]
//
// Expected: a mean error of 2.07 degrees after 10 epochs, where guessing that tomorrow is as today errs by 2.22.

import Foundation
import Keras

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let epochs = numbers.first ?? 10
let dayCount = numbers.dropFirst().first ?? 4_000
let past = 14

var random = NumPyRandom(seed: 7)
var weather: Float = 0
let temperatures = (0..<dayCount).map { day in
  let chance = (0..<12).reduce(Float(-6)) { sum, _ in sum + Float(random.uniform()) }
  weather = 0.6 * weather + 2.5 * chance
  return 10 - 9 * Float(cos(2 * Double.pi * Double(day) / 365.25)) + weather
}

// The network sees numbers of about one; the mean and spread are those of the days it learns from.
let trainingCount = dayCount * 4 / 5
let mean = temperatures[..<trainingCount].reduce(0, +) / Float(trainingCount)
let spread: Float = 10
let series = try Tensor(temperatures.map { ($0 - mean) / spread }).reshaped(to: [dayCount, 1])
func windows(_ days: Range<Int>, shuffleSeed: UInt32?) throws -> TimeseriesData {
  try TimeseriesData(
    series.rows(days), targets: series.rows(days.lowerBound + past..<days.upperBound), sequenceLength: past,
    batchSize: 32, shuffleSeed: shuffleSeed)
}
let training = try windows(0..<trainingCount, shuffleSeed: 1)
let test = try windows(trainingCount..<dayCount, shuffleSeed: nil)

let model = Sequential {
  Input(shape: [past, 1])
  LSTM(units: 32)
  Dense(units: 1)
}
try model.compile(optimizer: .adam(learningRate: 0.003), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
try model.fit(training, epochs: epochs, validationData: test)

let found = try model.evaluate(test, verbosity: .silent)
let days = temperatures[(trainingCount + past)...]
let steps = zip(days, temperatures[(trainingCount + past - 1)...]).map { abs($0 - $1) }
print("Mean error:", spread * Float(found["mean_absolute_error"] ?? .nan), "degrees")
print("That of no change:", steps.reduce(0, +) / Float(steps.count), "degrees")
