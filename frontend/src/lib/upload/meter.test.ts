import { describe, expect, it } from 'vitest'
import { speedMeter } from './meter'

describe('speedMeter', () => {
  it('says nothing before there is enough to say', () => {
    const meter = speedMeter()
    expect(meter.speed(0)).toBeNull()
    meter.add(0, 0)
    meter.add(100, 100)
    expect(meter.speed(100)).toBeNull()
    expect(meter.remaining(1000, 100)).toBeNull()
  })

  it('gives bytes a second and the time left', () => {
    const meter = speedMeter()
    for (let second = 0; second <= 4; second++) meter.add(second * 1000, second * 1000)
    expect(meter.speed(4000)).toBe(1000)
    expect(meter.remaining(10_000, 4000)).toBe(6)
  })

  it('follows a line that became slower', () => {
    const meter = speedMeter(4)
    for (let second = 0; second <= 5; second++) meter.add(second * 1000, second * 1000)
    for (let second = 6; second <= 12; second++) meter.add(5000 + (second - 5) * 100, second * 1000)
    expect(meter.speed(12_000)).toBeCloseTo(100, 5)
  })

  it('sinks towards nothing while nothing leaves', () => {
    const meter = speedMeter()
    meter.add(0, 0)
    meter.add(4000, 2000)
    expect(meter.speed(8000)).toBe(500)
  })

  it('starts over when bytes are taken back by a part sent again', () => {
    const meter = speedMeter()
    meter.add(0, 0)
    meter.add(8000, 2000)
    meter.add(3000, 2500)
    expect(meter.speed(2500)).toBeNull()
    meter.add(5000, 4500)
    expect(meter.speed(4500)).toBe(1000)
  })

  it('knows no end when it stands still', () => {
    const meter = speedMeter()
    meter.add(500, 0)
    meter.add(500, 5000)
    expect(meter.remaining(1000, 5000)).toBeNull()
  })
})
